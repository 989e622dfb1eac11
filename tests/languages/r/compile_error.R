cat("before\n")

if (TRUE) cat("what") cat("what")
