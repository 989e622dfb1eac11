import std.stdio;

void main()
{
	writeln("begin");
	stdout.flush();
	ubyte[][] kept;
	for (;;) {
		kept ~= new ubyte[1000000];
		kept[$ - 1][] = 1;
	}
}
