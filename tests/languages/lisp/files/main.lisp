(load "lib/answer.lisp")
(format t "the answer is ~d~%" (answer))
