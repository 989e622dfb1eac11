import std.process, std.stdio;

void main()
{
	const child = execute(["sh", "-c", "echo child; exit 3"]);
	write(child.output);
	writeln(child.status);
}
