#include <iostream>

#include "lib/answer.hpp"

int main()
{
	std::cout << answer() << "\n";
}
