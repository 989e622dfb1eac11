my $x = 42;
my @numbers = map { my $now = $x; $x = $x * 16807 % 2147483647; $now } 1 .. 100000;
@numbers = sort { $a <=> $b } @numbers;
print "@numbers[0, 50000, 99999]\n";
