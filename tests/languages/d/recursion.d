import std.stdio;

int add(int n)
{
	return n == 0 ? 0 : n + add(n - 1);
}

void main()
{
	writeln(add(10000));
}
