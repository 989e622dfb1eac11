use strict;
use warnings;

print "before\n";

sub fail {
	die "the end";
}

# the exit code of die is errno, if that is set
$! = 2;
fail();
