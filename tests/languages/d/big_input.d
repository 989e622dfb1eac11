import std.algorithm, std.stdio;

void main()
{
	size_t lines, bytes;
	foreach (chunk; stdin.byChunk(65536)) {
		lines += chunk.count('\n');
		bytes += chunk.length;
	}
	writeln(lines, " ", bytes);
}
