cat("begin\n")
Sys.sleep(60)
