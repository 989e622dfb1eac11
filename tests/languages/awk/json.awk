# There is no JSON in AWK: as much of it as the document needs.
{
	match($0, /"name": "([^"]*)"/, name)
	match($0, /"tags": \[([^\]]*)\]/, tags)
	match($0, /"n": ([0-9]+)/, n)
	while (match(name[1], /\\u(....)/, code))
		sub(/\\u..../, sprintf("%c", strtonum("0x" code[1])), name[1])
	print name[1], split(tags[1], parts, ","), n[1] + 1
	print "{\"ok\":true,\"list\":[1,2,3]}"
}
