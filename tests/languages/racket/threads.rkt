#lang racket/base
(define lock (make-semaphore 1))
(define total 0)

(define (add)
  (for ([i 10000])
    (call-with-semaphore lock (lambda () (set! total (add1 total))))))

(for-each thread-wait (for/list ([i 4]) (thread add)))
(displayln total)
