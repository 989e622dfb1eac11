#lang racket/base
(define (add n)
  (if (zero? n) 0 (+ n (add (sub1 n)))))
(displayln (add 10000))
