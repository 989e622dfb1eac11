using System;
using System.Linq;

class Program
{
	static void Main(string[] args)
	{
		Console.WriteLine("Grüße, 世界 🙂");
		string line = Console.ReadLine();
		Console.WriteLine(line);
		Console.WriteLine(line.Count(c => !char.IsLowSurrogate(c)));
	}
}
