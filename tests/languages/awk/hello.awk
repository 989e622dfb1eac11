BEGIN { print "Hello, world" }
