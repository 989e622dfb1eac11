import std.stdio;

int twice(int n)
{
	return n + n;
}

unittest
{
	assert(twice(3) == 6);
	assert(twice(2) == 5, "twice two");
}

void main()
{
	writeln("not tested");
}
