# Four coprocesses, for want of threads: all count at the same time, then are asked for what they have.
BEGIN {
	counter = "gawk 'BEGIN { getline times; while (n < times) n++; print n }' #"
	for (i = 0; i < 4; i++)
		print 10000 |& (counter i)
	for (i = 0; i < 4; i++) {
		(counter i) |& getline n
		total += n
	}
	print total
}
