import std.json, std.stdio;

void main()
{
	auto document = parseJSON(readln());
	writeln(document["name"].str, " ", document["tags"].array.length, " ", document["n"].integer + 1);
	writeln(`{"ok":`, JSONValue(true), `,"list":`, JSONValue([1, 2, 3]), "}");
}
