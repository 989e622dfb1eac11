using System;

class Program
{
	static void Main(string[] args)
	{
		Console.WriteLine((0.1 + 0.2).ToString("R"));
		Console.WriteLine(Math.Sqrt(2).ToString("F15"));
		Console.WriteLine(Math.PI.ToString("F10"));
		Console.WriteLine((1.0 / 3).ToString("F6"));
	}
}
