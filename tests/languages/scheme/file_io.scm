(use-modules (ice-9 textual-ports))

(define name "data.txt")

(call-with-output-file name
  (lambda (port) (put-string port "alpha\nbeta\n")))
(let ((port (open-file name "a")))
  (put-string port "gamma\n")
  (close-port port))
(display (call-with-input-file name get-string-all))
(format #t "~a\n" (stat:size (stat name)))
(delete-file name)
(display (if (file-exists? name) "no\n" "yes\n"))
