#lang racket/base
(require "lib/answer.rkt")
(printf "the answer is ~a\n" (answer))
