(dolist (argument (rest sb-ext:*posix-argv*))
  (format t "[~a]~%" argument))
