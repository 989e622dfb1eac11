BEGIN { print "before"; exit 37 }
