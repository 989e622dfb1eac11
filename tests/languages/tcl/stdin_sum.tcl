set sum 0
foreach word [read stdin] {
	incr sum $word
}
puts $sum
