#include <iostream>
#include <string>
#include <vector>

int main()
{
	std::cout << "begin" << std::endl;
	for (std::vector<std::string> kept;;)
		kept.emplace_back(1 << 20, 'x');
}
