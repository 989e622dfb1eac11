puts before

proc fail {} {
	error "the end"
}

fail
