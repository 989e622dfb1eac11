#lang racket/base
(define-values (lines bytes)
  (for/fold ([lines 0] [bytes 0]) ([line (in-bytes-lines)])
    (values (add1 lines) (+ bytes (bytes-length line) 1))))
(printf "~a ~a\n" lines bytes)
