(use-modules (ice-9 threads))

(define lock (make-mutex))
(define total 0)

(define (add)
  (do ((i 0 (+ i 1))) ((= i 10000))
    (with-mutex lock (set! total (+ total 1)))))

(for-each join-thread (map (lambda (i) (call-with-new-thread add)) '(1 2 3 4)))
(format #t "~a\n" total)
