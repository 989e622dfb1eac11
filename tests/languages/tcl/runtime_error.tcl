puts before
set zero 0
puts [expr {1 / $zero}]
