@include "lib/answer.awk"

BEGIN { print "the answer is", answer() }
