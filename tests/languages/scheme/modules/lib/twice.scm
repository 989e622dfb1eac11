(define-module (lib twice)
  #:export (twice doubled))

(define-syntax-rule (twice form)
  (begin form form))

(define (doubled n)
  (* 2 n))
