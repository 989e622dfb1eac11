lines <- readLines("stdin")
cat(length(lines), format(sum(nchar(lines) + 1), scientific = FALSE), "\n", sep = " ", fill = FALSE)
