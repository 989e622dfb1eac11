(display "begin\n")
(force-output)
(sleep 60)
