using System;
using System.Linq;

class Program
{
	static void Main(string[] args)
	{
		Console.WriteLine(Console.In.ReadToEnd().Split(new[] { ' ', '\n' }, StringSplitOptions.RemoveEmptyEntries).Sum(long.Parse));
	}
}
