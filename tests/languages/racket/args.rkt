#lang racket/base
(for ([argument (current-command-line-arguments)])
  (printf "[~a]\n" argument))
