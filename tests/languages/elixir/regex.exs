text = IO.read(:stdio, :eof)
for [_, user, place] <- Regex.scan(~r/(\w+)@(\w+)\.com/, text), do: IO.puts("#{user} at #{place}")
IO.write(String.replace(text, ~r/\d/, "#"))
