answer <- function() {
  paste("the answer is", 6 * 7)
}
