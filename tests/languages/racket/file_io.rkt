#lang racket/base
(require racket/file)
(define file "data.txt")
(display-to-file "alpha\nbeta\n" file)
(display-to-file "gamma\n" file #:exists 'append)
(display (file->string file))
(displayln (file-size file))
(delete-file file)
(displayln (if (file-exists? file) "no" "yes"))
