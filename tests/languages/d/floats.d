import std.math, std.stdio;

void main()
{
	double tenth = 0.1, fifth = 0.2;
	writefln("%.17f", tenth + fifth);
	writefln("%.15f", sqrt(2.0));
	writefln("%.10f", PI);
	writefln("%.6f", 1.0 / 3);
}
