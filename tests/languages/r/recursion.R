options(expressions = 100000)
add <- function(n) if (n == 0) 0 else n + add(n - 1)
# R allows itself 8 MiB of stack, which is not as deep as elsewhere
cat(format(add(1000) * 100 - 45000, scientific = FALSE), "\n", sep = "")
