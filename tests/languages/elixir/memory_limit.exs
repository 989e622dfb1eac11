IO.puts("begin")

defmodule Hoard do
  def grow(kept), do: grow([:binary.copy("x", 1_000_000) | kept])
end

Hoard.grow([])
