IO.puts("begin")
defmodule Main do
  def loop(n), do: loop(n + 1)
end
Main.loop(0)
