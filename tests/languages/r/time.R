cat(format(as.POSIXct(1704067200, tz = "UTC"), "%Y-%m-%d %H:%M:%S"), "\n", sep = "")
begin <- proc.time()[["elapsed"]]
Sys.sleep(0.05)
seconds <- proc.time()[["elapsed"]] - begin
cat(if (seconds >= 0.045 && seconds < 10) "yes\n" else "no\n")
