answer() {
	echo "the answer is $((6 * 7))"
}
