using System;
using System.Diagnostics;

class Program
{
	static void Main(string[] args)
	{
		Console.WriteLine("before");
		Process.Start("sh", "-c \"kill -KILL " + Process.GetCurrentProcess().Id + "\"").WaitForExit();
	}
}
