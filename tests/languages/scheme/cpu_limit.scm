(display "begin\n")
(force-output)
(let loop () (loop))
