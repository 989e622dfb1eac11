(format t "Grüße, 世界 🙂~%")
(let ((line (read-line)))
  (format t "~a~%~d~%" line (length line)))
