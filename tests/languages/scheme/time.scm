(display (strftime "%Y-%m-%d %H:%M:%S\n" (gmtime 1704067200)))

(define (milliseconds)
  (/ (* 1000 (get-internal-real-time)) internal-time-units-per-second))

(define begun (milliseconds))
(usleep 50000)
(let ((ms (- (milliseconds) begun)))
  (display (if (and (>= ms 45) (< ms 10000)) "yes\n" "no\n")))
