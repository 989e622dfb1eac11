#lang racket/base
(displayln "before")
(define zero 0)
(displayln (quotient 1 zero))
