BEGIN {
	print "begin"
	fflush()
	for (text = "x"; ; text = text text)
		;
}
