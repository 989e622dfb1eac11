proc put {mode text} {
	set file [open data.txt $mode]
	puts -nonewline $file $text
	close $file
}
put w "alpha\nbeta\n"
put a "gamma\n"
set file [open data.txt]
puts -nonewline [read $file]
close $file
puts [file size data.txt]
file delete data.txt
puts [expr {[file exists data.txt] ? "no" : "yes"}]
