text <- readLines("stdin")
for (found in regmatches(text, gregexpr("\\w+@\\w+\\.com", text))[[1]]) {
  cat(sub("(\\w+)@(\\w+)\\.com", "\\1 at \\2", found), "\n", sep = "")
}
cat(gsub("[0-9]", "#", text), "\n", sep = "")
