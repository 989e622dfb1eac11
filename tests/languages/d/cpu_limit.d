import std.stdio;

void main()
{
	writeln("begin");
	stdout.flush();
	for (;;) {
	}
}
