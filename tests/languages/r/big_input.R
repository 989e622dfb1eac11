lines <- readLines("stdin")
cat(length(lines), format(sum(nchar(lines) + 1), scientific = FALSE))
cat("\n")
