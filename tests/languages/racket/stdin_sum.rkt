#lang racket/base
(displayln (for/sum ([number (in-port read)]) number))
