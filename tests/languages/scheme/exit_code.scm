(display "before\n")
(exit 37)
