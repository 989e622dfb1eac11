IO.puts("before")

defmodule Main do
  def fail do
    raise "the end"
  end
end

Main.fail()
