line <- paste0(strrep("0123456789", 7), "012345678")
for (i in 1:20000) {
  cat(line, "\n", sep = "")
}
