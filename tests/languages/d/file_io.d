import std.file, std.stdio : write, writeln;

void main()
{
	enum name = "data.txt";
	std.file.write(name, "alpha\nbeta\n");
	append(name, "gamma\n");
	write(readText(name));
	writeln(getSize(name));
	remove(name);
	writeln(exists(name) ? "no" : "yes");
}
