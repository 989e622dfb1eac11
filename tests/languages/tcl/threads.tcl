package require Thread

tsv::set shared total 0
for {set i 0} {$i < 4} {incr i} {
	lappend threads [thread::create -joinable {
		for {set i 0} {$i < 10000} {incr i} {
			tsv::incr shared total
		}
	}]
}
foreach thread $threads {
	thread::join $thread
}
puts [tsv::get shared total]
