#lang racket/base
(displayln "before")
(define (fail)
  (error "the end"))
(fail)
