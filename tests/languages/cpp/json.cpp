#include <algorithm>
#include <iostream>
#include <iterator>
#include <regex>
#include <string>

static std::string find(const std::string &text, const char *pattern)
{
	std::smatch found;
	std::regex_search(text, found, std::regex(pattern));
	return found[1];
}

int main()
{
	// There is no JSON in C++'s library: as much of it as the document needs.
	std::string text{std::istreambuf_iterator<char>(std::cin), {}};
	std::string name = find(text, R"re("name": "([^"]*)")re"), tags = find(text, R"re("tags": \[([^\]]*)\])re");
	std::smatch code;
	while (std::regex_search(name, code, std::regex(R"(\\u(....))"))) {
		unsigned c = std::stoul(code[1], nullptr, 16);
		name.replace(code.position(), 6, {static_cast<char>(0xc0 | c >> 6), static_cast<char>(0x80 | (c & 0x3f))});
	}
	std::cout << name << " " << std::ranges::count(tags, ',') + 1 << " " << std::stoi(find(text, R"re("n": (\d+))re")) + 1 << "\n"
		  << R"({"ok":true,"list":[1,2,3]})" << "\n";
}
