(display "compiled\n")

(define (never)
  (what))
