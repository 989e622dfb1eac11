use threads;
use threads::shared;

my $total : shared = 0;
my @threads = map {
	threads->create(sub {
		for (1 .. 10000) {
			lock $total;
			$total++;
		}
	});
} 1 .. 4;
$_->join for @threads;
print "$total\n";
