using System;
using System.Linq;
using System.Threading;

class Program
{
	static void Main(string[] args)
	{
		int total = 0;
		var threads = Enumerable.Range(0, 4).Select(i => new Thread(() => {
			for (int n = 0; n < 10000; n++)
				Interlocked.Increment(ref total);
		})).ToList();
		threads.ForEach(thread => thread.Start());
		threads.ForEach(thread => thread.Join());
		Console.WriteLine(total);
	}
}
