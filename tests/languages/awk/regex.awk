{
	rest = text = $0
	while (match(rest, /(\w+)@(\w+)\.com/, found)) {
		print found[1] " at " found[2]
		rest = substr(rest, RSTART + RLENGTH)
	}
	print gensub(/[0-9]/, "#", "g", text)
}
