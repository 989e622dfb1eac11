using System;

class Program
{
	static void Main(string[] args)
	{
		foreach (string argument in args)
			Console.WriteLine("[" + argument + "]");
	}
}
