#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void)
{
	puts("begin");
	fflush(stdout);
	for (;;)
		memset(malloc(1 << 20), 'x', 1 << 20);
}
