(use-modules (lib twice))

(define n 38)
(twice (set! n (+ n 2)))
(format #t "~a ~a\n" n (doubled 21))
