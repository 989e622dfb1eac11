#lang racket/base
(require racket/format racket/math)
(displayln (+ 0.1 0.2))
(displayln (~r (sqrt 2) #:precision 15))
(displayln (~r pi #:precision 10))
(displayln (~r (/ 1. 3) #:precision 6))
