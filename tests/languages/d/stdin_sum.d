import std.algorithm, std.array, std.conv, std.stdio;

void main()
{
	writeln(stdin.byLineCopy.map!(line => line.split.map!(to!long).sum).sum);
}
