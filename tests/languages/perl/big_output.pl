my $line = "0123456789" x 7 . "012345678";
print "$line\n" for 1 .. 20000;
