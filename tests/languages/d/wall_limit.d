import core.thread, std.stdio;

void main()
{
	writeln("begin");
	stdout.flush();
	Thread.sleep(60.seconds);
}
