x <- 42
numbers <- numeric(100000)
for (i in 1:100000) {
  numbers[i] <- x
  x <- (x * 16807) %% 2147483647
}
numbers <- sort(numbers)
cat(sprintf("%d %d %d\n", as.integer(numbers[1]), as.integer(numbers[50001]), as.integer(numbers[100000])))
