BEGIN {
	print "before"
	print 1 / zero
}
