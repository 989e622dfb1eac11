import std.algorithm, std.stdio;

void main()
{
	auto numbers = new long[100000];
	long x = 42;
	foreach (ref number; numbers) {
		number = x;
		x = x * 16807 % 2147483647;
	}
	numbers.sort();
	writeln(numbers[0], " ", numbers[50000], " ", numbers[99999]);
}
