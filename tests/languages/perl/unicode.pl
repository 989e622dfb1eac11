use utf8;
use open qw(:std :encoding(UTF-8));

print "Grüße, 世界 🙂\n";
chomp(my $line = <STDIN>);
print "$line\n", length $line, "\n";
