#include <stdio.h>

#include "lib/answer.h"

int main(void)
{
	printf("the answer is %d\n", answer());
}
