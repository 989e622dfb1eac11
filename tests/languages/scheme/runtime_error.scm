(display "before\n")
(define zero 0)
(display (quotient 1 zero))
