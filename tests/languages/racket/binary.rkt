#lang racket/base
(for ([i 256])
  (write-byte i))
