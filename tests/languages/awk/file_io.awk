BEGIN {
	file = "data.txt"
	printf "alpha\nbeta\n" > file
	close(file)
	print "gamma" >> file
	close(file)
	while ((getline line < file) > 0) {
		print line
		size += length(line) + 1
	}
	close(file)
	print size
	system("rm " file)
	print ((getline line < file) < 0 ? "yes" : "no")
}
