import std.range, std.stdio, std.string, std.uni;

void main()
{
	writeln("Grüße, 世界 🙂");
	auto line = readln().strip;
	writeln(line);
	writeln(line.byCodePoint.walkLength);
}
