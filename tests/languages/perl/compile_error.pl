print "before\n";

if (1) print "what\n";
