using System;

class Program
{
	static void Main(string[] args)
	{
		var numbers = new long[100000];
		long x = 42;
		for (int i = 0; i < numbers.Length; i++, x = x * 16807 % 2147483647)
			numbers[i] = x;
		Array.Sort(numbers);
		Console.WriteLine(numbers[0] + " " + numbers[50000] + " " + numbers[99999]);
	}
}
