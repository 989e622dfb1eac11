using System;

class Program
{
	static void Fail()
	{
		throw new InvalidOperationException("the end");
	}

	static void Main(string[] args)
	{
		Console.WriteLine("before");
		Fail();
	}
}
