import std.regex, std.stdio;

void main()
{
	const line = readln();
	foreach (found; line.matchAll(r"(\w+)@(\w+)\.com"))
		writeln(found[1], " at ", found[2]);
	write(line.replaceAll(regex(r"\d"), "#"));
}
