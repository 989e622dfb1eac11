using System;
using System.Linq;

class Program
{
	static void Main()
	{
		dynamic one = 1, a = "a";
		var even = from n in Enumerable.Range(1, 5) where n % 2 == 0 select n;
		Console.WriteLine($"{one + 2} {a + "b"} {string.Join(",", even)}");
	}
}
