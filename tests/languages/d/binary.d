import std.algorithm, std.array, std.conv, std.range, std.stdio;

void main()
{
	stdout.rawWrite(iota(256).map!(to!ubyte).array);
}
