#include <stdio.h>

int answer(void);

int main(void)
{
	puts(answer() ? "compiled" : "no");
}
