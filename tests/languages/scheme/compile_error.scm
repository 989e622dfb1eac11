(display "before\n")

(display "what"
