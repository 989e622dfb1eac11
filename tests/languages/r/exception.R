cat("before\n")

fail <- function() {
  stop("the end")
}

fail()
