IO.puts(0.1 + 0.2)
IO.puts(:erlang.float_to_binary(:math.sqrt(2), decimals: 15))
IO.puts(Float.round(:math.pi(), 10))
IO.puts(:io_lib.format("~.6f", [1 / 3]))
