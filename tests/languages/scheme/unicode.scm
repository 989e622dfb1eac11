(use-modules (ice-9 rdelim))

(display "Grüße, 世界 🙂\n")
(define line (read-line))
(format #t "~a\n~a\n" line (string-length line))
