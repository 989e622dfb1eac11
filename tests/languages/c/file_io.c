#include <stdio.h>
#include <sys/stat.h>

static void put(const char *mode, const char *text)
{
	FILE *file = fopen("data.txt", mode);

	fputs(text, file);
	fclose(file);
}

int main(void)
{
	char text[64];
	struct stat st;

	put("w", "alpha\nbeta\n");
	put("a", "gamma\n");
	FILE *file = fopen("data.txt", "r");
	fwrite(text, 1, fread(text, 1, sizeof(text), file), stdout);
	fclose(file);
	stat("data.txt", &st);
	printf("%ld\n", (long)st.st_size);
	remove("data.txt");
	puts(stat("data.txt", &st) == 0 ? "no" : "yes");
}
