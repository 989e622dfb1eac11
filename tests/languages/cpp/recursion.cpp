#include <iostream>

[[gnu::noinline]] static long add(long n)
{
	return n ? n + add(n - 1) : 0;
}

int main()
{
	std::cout << add(10000) << "\n";
}
