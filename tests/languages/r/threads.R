parts <- parallel::mclapply(1:4, mc.cores = 4, function(i) {
  n <- 0
  for (j in 1:10000) n <- n + 1
  n
})
cat(sum(unlist(parts)), "\n", sep = "")
