#lang racket/base
(require json)
(define document (read-json))
(printf "~a ~a ~a\n" (hash-ref document 'name) (length (hash-ref document 'tags)) (add1 (hash-ref document 'n)))
(write-json (hasheq 'ok #t 'list '(1 2 3)))
(newline)
