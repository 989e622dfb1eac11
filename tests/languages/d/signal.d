import core.sys.posix.signal, core.sys.posix.unistd, std.stdio;

void main()
{
	writeln("before");
	stdout.flush();
	kill(getpid(), SIGKILL);
}
