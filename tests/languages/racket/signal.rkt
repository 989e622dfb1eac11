#lang racket/base
(require ffi/unsafe)

(displayln "before")
(flush-output)
(define getpid (get-ffi-obj "getpid" #f (_fun -> _int)))
(define kill (get-ffi-obj "kill" #f (_fun _int _int -> _int)))
(kill (getpid) 9)
