import std.stdio;

void main()
{
	writeln("compiled");
	old();
}

deprecated("ask another")
void old()
{
}
