BEGIN {
	x = 42
	for (i = 1; i <= 100000; i++) {
		numbers[i] = x
		x = x * 16807 % 2147483647
	}
	asort(numbers)
	print numbers[1], numbers[50001], numbers[100000]
}
