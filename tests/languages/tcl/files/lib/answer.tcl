proc answer {} {
	return "the answer is [expr {6 * 7}]"
}
