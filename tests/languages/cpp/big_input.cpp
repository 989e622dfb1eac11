#include <iostream>
#include <iterator>

int main()
{
	long lines = 0, bytes = 0;
	for (std::istreambuf_iterator<char> c(std::cin), end; c != end; ++c, bytes++)
		lines += *c == '\n';
	std::cout << lines << " " << bytes << "\n";
}
