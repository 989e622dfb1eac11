#include <filesystem>
#include <fstream>
#include <iostream>

int main()
{
	std::filesystem::path path = "data.txt";
	std::ofstream(path) << "alpha\nbeta\n";
	std::ofstream(path, std::ios::app) << "gamma\n";
	std::cout << std::ifstream(path).rdbuf() << std::filesystem::file_size(path) << "\n";
	std::filesystem::remove(path);
	std::cout << (std::filesystem::exists(path) ? "no" : "yes") << "\n";
}
