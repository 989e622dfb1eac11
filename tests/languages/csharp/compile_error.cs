class Program
{
	static void Main() { int x = 1 1; }
}
