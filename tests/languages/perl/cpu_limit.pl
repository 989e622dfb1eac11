$| = 1;
print "begin\n";
my $n = 0;
$n++ while 1;
