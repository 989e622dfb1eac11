#lang racket/base
(displayln "begin")
(flush-output)
(let loop ([kept '()])
  (loop (cons (make-bytes 1000000 1) kept)))
