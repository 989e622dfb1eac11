using System;
using System.Linq;

class Program
{
	static void Main(string[] args)
	{
		long lines = 0, bytes = 0;
		var block = new byte[65536];
		using (var stdin = Console.OpenStandardInput())
			for (int n; (n = stdin.Read(block, 0, block.Length)) > 0; bytes += n)
				lines += block.Take(n).Count(b => b == 10);
		Console.WriteLine(lines + " " + bytes);
	}
}
