#include <regex.h>
#include <stdio.h>

int main(void)
{
	char text[256] = "";
	regex_t pattern;
	regmatch_t at[3];

	fgets(text, sizeof(text), stdin);
	regcomp(&pattern, "([a-z0-9]+)@([a-z]+)\\.com", REG_EXTENDED);
	for (char *rest = text; regexec(&pattern, rest, 3, at, 0) == 0; rest += at[0].rm_eo)
		printf("%.*s at %.*s\n", at[1].rm_eo - at[1].rm_so, rest + at[1].rm_so,
		       at[2].rm_eo - at[2].rm_so, rest + at[2].rm_so);
	for (char *c = text; *c; c++)
		putchar(*c >= '0' && *c <= '9' ? '#' : *c);
}
