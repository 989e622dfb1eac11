BEGIN { print "before"; fflush(); system("kill -KILL " PROCINFO["pid"]) }
