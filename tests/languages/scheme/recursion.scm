(define (add n)
  (if (zero? n) 0 (+ n (add (- n 1)))))

(format #t "~a\n" (add 10000))
