using System;

class Program
{
	static void Main(string[] args)
	{
		using (var stdout = Console.OpenStandardOutput())
			for (int i = 0; i < 256; i++)
				stdout.WriteByte((byte)i);
	}
}
