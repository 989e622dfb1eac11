#include <locale.h>
#include <stdio.h>
#include <wchar.h>

int main(void)
{
	wchar_t line[100];

	setlocale(LC_ALL, "");
	printf("%ls\n", L"Grüße, 世界 🙂");
	if (scanf("%99l[^\n]", line) != 1)
		return 1;
	printf("%ls\n%zu\n", line, wcslen(line));
}
