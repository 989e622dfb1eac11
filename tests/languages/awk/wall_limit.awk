BEGIN { print "begin"; fflush(); system("sleep 60") }
