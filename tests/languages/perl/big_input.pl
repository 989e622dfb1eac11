my $bytes = 0;
while (<STDIN>) {
	$bytes += length;
}
print "$. $bytes\n";
