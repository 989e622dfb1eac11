(format t "before~%")

(defun fail ()
  (error "the end"))

(fail)
