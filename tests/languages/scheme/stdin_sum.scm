(let loop ((sum 0) (number (read)))
  (if (eof-object? number)
      (format #t "~a\n" sum)
      (loop (+ sum number) (read))))
