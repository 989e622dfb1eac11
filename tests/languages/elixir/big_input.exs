{lines, bytes} =
  IO.binstream(:stdio, 65_536)
  |> Enum.reduce({0, 0}, fn part, {lines, bytes} ->
    {lines + length(:binary.matches(part, "\n")), bytes + byte_size(part)}
  end)

IO.puts("#{lines} #{bytes}")
