#include <stdio.h>

int main(void)
{
	volatile int *nowhere = 0;

	puts("before");
	fflush(stdout);
	*nowhere = 1;
}
