$| = 1;
print "begin\n";
sleep 60;
