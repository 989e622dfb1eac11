import std.process, std.stdio;

void main()
{
	writefln("%s\n[%s]\n%s\n%s", environment["GREETING"], environment["EMPTY"], environment["HOME"], environment["LANG"]);
}
