import core.atomic, core.thread, std.stdio;

shared int total;

void main()
{
	auto adders = new ThreadGroup;
	foreach (i; 0 .. 4)
		adders.create({
			foreach (n; 0 .. 10000)
				total.atomicOp!"+="(1);
		});
	adders.joinAll();
	writeln(total.atomicLoad);
}
