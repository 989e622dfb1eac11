cat("before\n")
tools::pskill(Sys.getpid(), tools::SIGKILL)
Sys.sleep(5)
