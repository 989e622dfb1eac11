source lib/answer.tcl
puts [answer]
