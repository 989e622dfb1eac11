#lang racket/base
(displayln "Grüße, 世界 🙂")
(define line (read-line))
(printf "~a\n~a\n" line (string-length line))
