cat("begin\n")
repeat {
}
