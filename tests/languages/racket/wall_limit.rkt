#lang racket/base
(displayln "begin")
(flush-output)
(sleep 60)
