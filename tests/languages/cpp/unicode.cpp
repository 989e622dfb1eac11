#include <algorithm>
#include <iostream>
#include <string>

int main()
{
	std::string line;
	std::cout << "Grüße, 世界 🙂\n";
	std::getline(std::cin, line);
	std::cout << line << "\n" << std::ranges::count_if(line, [](unsigned char c) { return (c & 0xc0) != 0x80; }) << "\n";
}
