#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

int main(void)
{
	FILE *child = popen("echo child; exit 3", "r");
	char line[64];

	while (fgets(line, sizeof(line), child))
		fputs(line, stdout);
	printf("%d\n", WEXITSTATUS(pclose(child)));
}
