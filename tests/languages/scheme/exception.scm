(display "before\n")

(define (fail)
  (error "the end"))

(fail)
