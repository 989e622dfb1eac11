IO.puts("Hello, world")
