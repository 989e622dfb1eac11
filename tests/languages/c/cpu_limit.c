#include <stdio.h>

int main(void)
{
	puts("begin");
	fflush(stdout);
	for (volatile unsigned long n = 0;; n++)
		;
}
