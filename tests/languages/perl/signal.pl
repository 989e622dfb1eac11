$| = 1;
print "before\n";
kill KILL => $$;
