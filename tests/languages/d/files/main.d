import lib.answer;
import std.stdio;

void main()
{
	writeln("the answer is ", answer());
}
