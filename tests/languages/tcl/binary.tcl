fconfigure stdout -translation binary
for {set i 0} {$i < 256} {incr i} {
	puts -nonewline [binary format c $i]
}
