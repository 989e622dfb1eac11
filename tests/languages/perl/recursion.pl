no warnings "recursion";

sub add {
	my $n = shift;
	return $n ? $n + add($n - 1) : 0;
}

print add(10000), "\n";
