#include <algorithm>
#include <iostream>
#include <vector>

int main()
{
	std::vector<long> numbers;
	for (long x = 42; numbers.size() < 100000; x = x * 16807 % 2147483647)
		numbers.push_back(x);
	std::ranges::sort(numbers);
	std::cout << numbers[0] << " " << numbers[50000] << " " << numbers[99999] << "\n";
}
