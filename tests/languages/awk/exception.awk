BEGIN {
	print "before"
	print "the end" > "/dev/stderr"
	exit 1
}
