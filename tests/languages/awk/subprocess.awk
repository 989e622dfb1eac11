BEGIN {
	command = "echo child; exit 3"
	while ((command | getline line) > 0)
		print line
	print close(command)
}
