interp recursionlimit {} 20000
proc add n {
	expr {$n ? $n + [add [expr {$n - 1}]] : 0}
}
puts [add 10000]
