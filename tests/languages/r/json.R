library(jsonlite)

document <- fromJSON(readLines("stdin"))
cat(document$name, length(document$tags), document$n + 1)
cat("\n")
cat(toJSON(list(ok = unbox(TRUE), list = 1:3)))
cat("\n")
