#include <stdio.h>

__attribute__((noinline, noclone, optimize("O0"))) static long add(long n)
{
	return n ? n + add(n - 1) : 0;
}

int main(void)
{
	printf("%ld\n", add(10000));
}
