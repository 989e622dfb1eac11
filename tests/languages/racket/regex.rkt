#lang racket/base
(require racket/port)
(define text (port->string))
(for ([found (regexp-match* #px"(\\w+)@(\\w+)\\.com" text #:match-select cdr)])
  (printf "~a at ~a\n" (car found) (cadr found)))
(display (regexp-replace* #px"\\d" text "#"))
