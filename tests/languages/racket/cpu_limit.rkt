#lang racket/base
(displayln "begin")
(flush-output)
(let loop () (loop))
