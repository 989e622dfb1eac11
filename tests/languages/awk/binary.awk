BEGIN {
	BINMODE = 3
	for (i = 0; i < 256; i++)
		printf "%s", i < 128 ? sprintf("%c", i) : bytes(i)
}

# in a UTF-8 locale %c makes characters: printf(1) makes the byte
function bytes(i, out) {
	fflush()
	system(sprintf("printf '\\%03o'", i))
	return ""
}
