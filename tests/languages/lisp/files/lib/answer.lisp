(defun answer ()
  (* 6 7))
