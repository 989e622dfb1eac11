for ((i = 0; i < 256; i++)); do
	printf "\\x$(printf %x "$i")"
done
