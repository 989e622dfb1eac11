import std.stdio;
void main(string[] args) { writeln("before"); stdout.flush();
	writeln(args[5]);
}
