using System;

class Program
{
	static void Main(string[] args)
	{
		Console.WriteLine("begin");
		long n = 0;
		while (true)
			n++;
	}
}
