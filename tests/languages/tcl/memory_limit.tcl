puts begin
flush stdout
set n 0
while 1 {
	lappend kept [string repeat x 1048576][incr n]
}
