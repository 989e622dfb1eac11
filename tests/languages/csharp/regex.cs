using System;
using System.Text.RegularExpressions;

class Program
{
	static void Main(string[] args)
	{
		string text = Console.In.ReadToEnd();
		foreach (Match found in Regex.Matches(text, @"(\w+)@(\w+)\.com"))
			Console.WriteLine(found.Groups[1] + " at " + found.Groups[2]);
		Console.Write(Regex.Replace(text, @"\d", "#"));
	}
}
