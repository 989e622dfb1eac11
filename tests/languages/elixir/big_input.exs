{lines, bytes} =
  IO.binstream(:stdio, :line)
  |> Enum.reduce({0, 0}, fn line, {lines, bytes} -> {lines + 1, bytes + byte_size(line)} end)

IO.puts("#{lines} #{bytes}")
