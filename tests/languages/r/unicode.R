cat("Grüße, 世界 🙂\n")
line <- readLines("stdin")
cat(line, nchar(line), sep = "\n")
