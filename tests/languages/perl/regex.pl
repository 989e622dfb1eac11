my $text = join "", <STDIN>;
while ($text =~ /(\w+)@(\w+)\.com/g) {
	print "$1 at $2\n";
}
print $text =~ s/\d/#/gr;
