{ bytes += length($0) + 1 }
END { print NR, bytes }
