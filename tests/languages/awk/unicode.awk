BEGIN { print "Grüße, 世界 🙂" }
{ print; print length($0) }
