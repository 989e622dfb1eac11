numbers = Stream.iterate(42, &rem(&1 * 16807, 2_147_483_647)) |> Enum.take(100_000) |> Enum.sort() |> List.to_tuple()
IO.puts("#{elem(numbers, 0)} #{elem(numbers, 50000)} #{elem(numbers, 99999)}")
