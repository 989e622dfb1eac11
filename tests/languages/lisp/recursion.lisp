(defun add (n)
  (if (zerop n) 0 (+ n (add (1- n)))))

(format t "~d~%" (add 10000))
