IO.puts("begin")
Process.sleep(60000)
