#lang racket/base
(require racket/date)
(date-display-format 'iso-8601)
(define start-of-2024 (seconds->date 1704067200 #f))
(displayln (regexp-replace "T" (date->string start-of-2024 #t) " "))

(define begun (current-inexact-milliseconds))
(sleep 0.05)
(define ms (- (current-inexact-milliseconds) begun))
(displayln (if (<= 45 ms 10000) "yes" "no"))
