IO.puts("before")
Process.sleep(100)
System.cmd("kill", ["-KILL", System.pid()])
Process.sleep(:infinity)
