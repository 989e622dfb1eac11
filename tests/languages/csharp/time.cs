using System;
using System.Diagnostics;
using System.Threading;

class Program
{
	static void Main(string[] args)
	{
		Console.WriteLine(DateTimeOffset.FromUnixTimeSeconds(1704067200).ToString("yyyy-MM-dd HH:mm:ss"));
		var watch = Stopwatch.StartNew();
		Thread.Sleep(50);
		Console.WriteLine(watch.ElapsedMilliseconds >= 45 && watch.ElapsedMilliseconds < 10000 ? "yes" : "no");
	}
}
