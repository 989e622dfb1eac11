use POSIX qw(strftime);
use Time::HiRes qw(clock_gettime sleep CLOCK_MONOTONIC);

print strftime("%Y-%m-%d %H:%M:%S", gmtime 1704067200), "\n";
my $begin = clock_gettime(CLOCK_MONOTONIC);
sleep 0.05;
my $seconds = clock_gettime(CLOCK_MONOTONIC) - $begin;
print $seconds >= 0.045 && $seconds < 10 ? "yes\n" : "no\n";
