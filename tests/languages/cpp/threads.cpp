#include <iostream>
#include <mutex>
#include <thread>
#include <vector>

int main()
{
	int total = 0;
	std::mutex lock;
	{
		std::vector<std::jthread> threads;
		for (int i = 0; i < 4; i++)
			threads.emplace_back([&] {
				for (int n = 0; n < 10000; n++) {
					std::scoped_lock held(lock);
					total++;
				}
			});
	}
	std::cout << total << "\n";
}
