BEGIN {
	print "begin"
	fflush()
	while (1)
		n++
}
