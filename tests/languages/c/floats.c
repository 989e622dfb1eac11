#include <math.h>
#include <stdio.h>

int main(void)
{
	volatile double two = 2;

	printf("%.17f\n%.15f\n%.10f\n%.6f\n", 0.1 + 0.2, sqrt(two), acos(-1), 1.0 / 3);
}
