using System;
using System.Threading;

class Program
{
	static void Main(string[] args)
	{
		Console.WriteLine("begin");
		Thread.Sleep(60000);
	}
}
