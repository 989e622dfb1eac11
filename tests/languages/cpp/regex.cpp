#include <iostream>
#include <iterator>
#include <regex>
#include <string>

int main()
{
	std::string text{std::istreambuf_iterator<char>(std::cin), {}};
	std::regex pattern(R"((\w+)@(\w+)\.com)");
	for (std::sregex_iterator found(text.begin(), text.end(), pattern), end; found != end; ++found)
		std::cout << (*found)[1] << " at " << (*found)[2] << "\n";
	std::cout << std::regex_replace(text, std::regex("[0-9]"), "#");
}
