class Program { static void Main(string[] args) {
	System.Console.WriteLine("before");
	System.Console.WriteLine(args[5]);
} }
