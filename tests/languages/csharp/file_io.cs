using System;
using System.IO;

class Program
{
	static void Main(string[] args)
	{
		File.WriteAllText("data.txt", "alpha\nbeta\n");
		File.AppendAllText("data.txt", "gamma\n");
		Console.Write(File.ReadAllText("data.txt"));
		Console.WriteLine(new FileInfo("data.txt").Length);
		File.Delete("data.txt");
		Console.WriteLine(File.Exists("data.txt") ? "no" : "yes");
	}
}
