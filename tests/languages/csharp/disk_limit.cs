using System;
using System.IO;

class Program
{
	static void Main()
	{
		Console.WriteLine("before");
		var file = File.Create("large");
		var block = new byte[65536];
		while (true)
			file.Write(block, 0, block.Length);
	}
}
