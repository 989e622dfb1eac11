import core.thread, core.time, std.datetime, std.stdio;

void main()
{
	auto start = SysTime.fromUnixTime(1704067200, UTC());
	writeln((cast(Date) start).toISOExtString, " ", (cast(TimeOfDay) start).toISOExtString);
	const begin = MonoTime.currTime;
	Thread.sleep(50.msecs);
	const took = MonoTime.currTime - begin;
	writeln(took >= 45.msecs && took < 10.seconds ? "yes" : "no: " ~ took.toString);
}
