{:ok, total} = Agent.start_link(fn -> 0 end)

1..4
|> Enum.map(fn _ ->
  Task.async(fn -> for _ <- 1..10_000, do: Agent.update(total, &(&1 + 1)) end)
end)
|> Task.await_many(:infinity)

IO.puts(Agent.get(total, & &1))
