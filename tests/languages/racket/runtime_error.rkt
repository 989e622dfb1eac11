#lang racket/base
(displayln "before")
(displayln (quotient 1 (string->number "0")))
