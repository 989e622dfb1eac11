cat(format(sum(scan("stdin", quiet = TRUE)), scientific = FALSE), "\n", sep = "")
