DateTime.from_unix!(1_704_067_200)
|> Calendar.strftime("%Y-%m-%d %H:%M:%S")
|> IO.puts()

{took, :ok} = :timer.tc(fn -> Process.sleep(50) end, :millisecond)
IO.puts(if took in 45..9999, do: "yes", else: "no: #{took} ms")
