out <- suppressWarnings(system2("sh", c("-c", shQuote("echo child; exit 3")), stdout = TRUE))
cat(out, attr(out, "status"), sep = "\n")
