source("lib/answer.R")

cat(answer(), "\n", sep = "")
