using System;

class Program
{
	static void Main(string[] args)
	{
		Console.WriteLine("before");
		Environment.Exit(37);
	}
}
