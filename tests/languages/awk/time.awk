BEGIN {
	print strftime("%Y-%m-%d %H:%M:%S", 1704067200, 1)
	"date +%s%N" | getline start
	system("sleep 0.05")
	"date  +%s%N" | getline end
	ms = (end - start) / 1e6
	print (ms >= 45 && ms < 10000 ? "yes" : "no")
}
