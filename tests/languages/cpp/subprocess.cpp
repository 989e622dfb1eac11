#include <cstdio>
#include <iostream>
#include <sys/wait.h>

int main()
{
	FILE *child = popen("echo child; exit 3", "r");
	for (int c; (c = getc(child)) != EOF;)
		std::cout.put(static_cast<char>(c));
	std::cout << WEXITSTATUS(pclose(child)) << "\n";
}
