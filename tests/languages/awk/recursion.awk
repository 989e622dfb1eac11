BEGIN { print add(10000) }

function add(n) {
	return n ? n + add(n - 1) : 0
}
