(use-modules (ice-9 popen) (ice-9 rdelim))

(let* ((pipe (open-pipe* OPEN_READ "sh" "-c" "echo child; exit 3"))
       (said (read-line pipe)))
  (format #t "~a\n~a\n" said (status:exit-val (close-pipe pipe))))
