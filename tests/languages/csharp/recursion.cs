using System;

class Program
{
	static long Add(long n)
	{
		return n == 0 ? 0 : n + Add(n - 1);
	}

	static void Main(string[] args)
	{
		Console.WriteLine(Add(10000));
	}
}
