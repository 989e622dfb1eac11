defmodule Main do
  def run do
    unused = 1
    IO.puts("ran")
  end
end

Main.run()
