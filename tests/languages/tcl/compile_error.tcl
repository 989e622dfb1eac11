puts before

if {1} { puts what
