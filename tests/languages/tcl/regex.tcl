set text [read stdin]
foreach {all user place} [regexp -all -inline {(\w+)@(\w+)\.com} $text] {
	puts "$user at $place"
}
puts -nonewline [regsub -all {\d} $text #]
