set line [string repeat 0123456789 7]012345678
for {set i 0} {$i < 20000} {incr i} {
	puts $line
}
