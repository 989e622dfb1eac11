#lang racket/base
(displayln "before")
(displayln what)
