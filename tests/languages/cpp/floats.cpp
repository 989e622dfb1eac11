#include <cmath>
#include <format>
#include <iostream>
#include <numbers>

int main()
{
	std::cout << std::format("{:.17f}\n{:.15f}\n{:.10f}\n{:.6f}\n", 0.1 + 0.2, std::sqrt(2.0), std::numbers::pi, 1.0 / 3);
}
