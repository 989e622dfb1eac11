out <- pipe("cat", "wb")
writeBin(as.raw(0:255), out)
close(out)
