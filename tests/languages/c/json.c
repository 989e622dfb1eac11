#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* There is no JSON in C's library: as much of it as the document needs. */
static const char *value_of(const char *text, const char *key)
{
	char quoted[32];

	snprintf(quoted, sizeof(quoted), "\"%s\": ", key);
	return strstr(text, quoted) + strlen(quoted);
}

static void put_code_point(unsigned c)
{
	if (c >= 0x80) {
		putchar(0xc0 | c >> 6);
		putchar(0x80 | (c & 0x3f));
	} else {
		putchar(c);
	}
}

static void put_string(const char *at)
{
	for (at++; *at != '"'; at++) {
		unsigned c = *at;
		if (c == '\\' && at[1] == 'u') {
			sscanf(at + 2, "%4x", &c);
			at += 5;
		}
		put_code_point(c);
	}
}

int main(void)
{
	char text[256] = "";
	int tags = 1;

	fread(text, 1, sizeof(text) - 1, stdin);
	put_string(value_of(text, "name"));
	for (const char *c = value_of(text, "tags"); *c != ']'; c++)
		tags += *c == ',';
	printf(" %d %d\n", tags, atoi(value_of(text, "n")) + 1);
	puts("{\"ok\":true,\"list\":[1,2,3]}");
}
