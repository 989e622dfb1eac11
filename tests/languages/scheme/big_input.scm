(use-modules (ice-9 rdelim))

(let loop ((lines 0) (bytes 0) (line (read-line)))
  (if (eof-object? line)
      (format #t "~a ~a\n" lines bytes)
      (loop (+ lines 1) (+ bytes (string-length line) 1) (read-line))))
