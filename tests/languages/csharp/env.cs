using System;

class Program
{
	static void Main(string[] args)
	{
		Console.WriteLine(Environment.GetEnvironmentVariable("GREETING"));
		Console.WriteLine("[" + Environment.GetEnvironmentVariable("EMPTY") + "]");
		Console.WriteLine(Environment.GetEnvironmentVariable("HOME"));
		Console.WriteLine(Environment.GetEnvironmentVariable("LANG"));
	}
}
