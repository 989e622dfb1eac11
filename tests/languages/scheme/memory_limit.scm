(define kept '())

(display "begin\n")
(force-output)
(let loop ()
  (set! kept (cons (make-string 100000 #\x) kept))
  (loop))
