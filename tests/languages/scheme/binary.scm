(use-modules (ice-9 binary-ports))

(do ((i 0 (+ i 1))) ((= i 256))
  (put-u8 (current-output-port) i))
