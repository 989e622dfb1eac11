/* gcc -Os -s -Wl,-z,norelro -Wl,-z,noseparate-code -Wl,--build-id=none -o main main.c -lm */
#include <math.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		printf("[%s]\n", argv[i]);
	printf("%.3f\n", cbrt(argc));
	return 0;
}
