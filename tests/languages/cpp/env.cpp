#include <cstdlib>
#include <iostream>

int main()
{
	for (const char *name : {"GREETING", "EMPTY", "HOME", "LANG"})
		std::cout << (*name == 'E' ? "[" : "") << std::getenv(name) << (*name == 'E' ? "]" : "") << "\n";
}
