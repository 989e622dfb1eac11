#include <chrono>
#include <format>
#include <iostream>
#include <thread>

int main()
{
	using namespace std::chrono;
	std::cout << std::format("{:%F %T}", sys_seconds{1704067200s}) << "\n";
	auto begin = steady_clock::now();
	std::this_thread::sleep_for(50ms);
	auto took = steady_clock::now() - begin;
	std::cout << (took >= 45ms && took < 10s ? "yes" : "no") << "\n";
}
