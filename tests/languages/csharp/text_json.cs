using System;
using System.Text.Json;

class Program
{
	class Document
	{
		public string name { get; set; }
		public string[] tags { get; set; }
		public int n { get; set; }
	}

	static void Main(string[] args)
	{
		var document = JsonSerializer.Deserialize<Document>(Console.In.ReadToEnd());
		Console.WriteLine($"{document.name} {document.tags.Length} {document.n + 1}");
		Console.WriteLine(JsonSerializer.Serialize(new { ok = true, list = new[] { 1, 2, 3 } }));
	}
}
