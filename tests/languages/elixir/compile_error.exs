IO.puts("before")

x = = 1
