IO.puts("Grüße, 世界 🙂")
line = IO.gets("") |> String.trim_trailing()
IO.puts(line)
IO.puts(String.length(line))
