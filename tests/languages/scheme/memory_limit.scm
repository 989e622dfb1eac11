(display "begin\n")
(force-output)
(let loop ((kept '()))
  (loop (cons (make-string 100000 #\x) kept)))
