(load "lib/answer.scm")
(format #t "the answer is ~a\n" (answer))
