IO.puts(System.get_env("GREETING"))
IO.puts("[#{System.get_env("EMPTY")}]")
IO.puts(System.get_env("HOME"))
IO.puts(System.get_env("LANG"))
