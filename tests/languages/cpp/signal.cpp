#include <csignal>
#include <iostream>

int main()
{
	std::cout << "before" << std::endl;
	std::raise(SIGKILL);
}
