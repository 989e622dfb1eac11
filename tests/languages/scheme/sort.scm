(define numbers
  (let loop ((i 0) (x 42) (all '()))
    (if (= i 100000)
        (list->vector (sort all <))
        (loop (+ i 1) (modulo (* x 16807) 2147483647) (cons x all)))))
(format #t "~a ~a ~a\n" (vector-ref numbers 0) (vector-ref numbers 50000) (vector-ref numbers 99999))
