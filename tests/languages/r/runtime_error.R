cat("before\n")
nothing <- list()
nothing[[1]]
