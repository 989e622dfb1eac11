using System;
using System.Linq;

class Program
{
	static void Main(string[] args)
	{
		string line = string.Concat(Enumerable.Repeat("0123456789", 7)) + "012345678";
		for (int i = 0; i < 20000; i++)
			Console.WriteLine(line);
	}
}
