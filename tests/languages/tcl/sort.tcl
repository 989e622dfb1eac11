set x 42
for {set i 0} {$i < 100000} {incr i} {
	lappend numbers $x
	set x [expr {$x * 16807 % 2147483647}]
}
set numbers [lsort -integer $numbers]
puts "[lindex $numbers 0] [lindex $numbers 50000] [lindex $numbers end]"
