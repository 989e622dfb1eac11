#include <stdio.h>

int main(void)
{
	long lines = 0, bytes = 0;

	for (int c; (c = getchar()) != EOF; bytes++)
		lines += c == '\n';
	printf("%ld %ld\n", lines, bytes);
}
