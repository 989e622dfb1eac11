(use-modules (ice-9 regex) (ice-9 textual-ports))

(define text (get-string-all (current-input-port)))

(for-each (lambda (found)
            (format #t "~a at ~a\n" (match:substring found 1) (match:substring found 2)))
          (list-matches "([a-z0-9]+)@([a-z]+)\\.com" text))
(regexp-substitute/global (current-output-port) "[0-9]" text 'pre "#" 'post)
