#lang racket/base
(require racket/place)
(provide add)

;; runs in a thread of the system, with memory of its own
(define (add channel)
  (place-channel-put channel (for/fold ([sum 0]) ([i (place-channel-get channel)]) (add1 sum))))

(module+ main
  (define places (for/list ([i 4]) (dynamic-place (variable-reference->module-source (#%variable-reference)) 'add)))
  (for ([p places])
    (place-channel-put p 10000))
  (displayln (apply + (map place-channel-get places))))
