# JSON came into Elixir's own library with 1.18.
defmodule Answer do
  @derive {JSON.Encoder, only: [:ok, :list]}
  defstruct [:ok, :list]
end

defmodule Main do
  def run do
    %{"name" => name, "tags" => tags, "n" => n} = IO.read(:stdio, :eof) |> JSON.decode!()
    IO.puts("#{name} #{length(tags)} #{n + 1}")
    IO.puts(JSON.encode!(%Answer{ok: true, list: [1, 2, 3]}))
  end
end

Main.run()
