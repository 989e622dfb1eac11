IO.puts("before")
zero = String.to_integer("0")
IO.puts(div(1, zero))
