#include <iostream>

int main()
{
	std::cout << "begin" << std::endl;
	for (volatile unsigned long n = 0;; n = n + 1)
		;
}
