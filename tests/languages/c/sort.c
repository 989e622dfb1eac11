#include <stdio.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return (x > y) - (x < y);
}

int main(void)
{
	static long numbers[100000];
	long x = 42;

	for (int i = 0; i < 100000; i++, x = x * 16807 % 2147483647)
		numbers[i] = x;
	qsort(numbers, 100000, sizeof(numbers[0]), compare);
	printf("%ld %ld %ld\n", numbers[0], numbers[50000], numbers[99999]);
}
