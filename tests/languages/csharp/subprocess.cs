using System;
using System.Diagnostics;

class Program
{
	static void Main(string[] args)
	{
		var info = new ProcessStartInfo("sh", "-c \"echo child; exit 3\"") { RedirectStandardOutput = true, UseShellExecute = false };
		using (var child = Process.Start(info)) {
			Console.Write(child.StandardOutput.ReadToEnd());
			child.WaitForExit();
			Console.WriteLine(child.ExitCode);
		}
	}
}
