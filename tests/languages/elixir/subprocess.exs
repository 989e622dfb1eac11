{out, code} = System.cmd("sh", ["-c", "echo child; exit 3"])
IO.write(out)
IO.puts(code)
