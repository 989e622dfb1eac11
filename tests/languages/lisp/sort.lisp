(let ((numbers (make-array 100000)) (x 42))
  (dotimes (i 100000)
    (setf (aref numbers i) x
          x (mod (* x 16807) 2147483647)))
  (setf numbers (sort numbers #'<))
  (format t "~d ~d ~d~%" (aref numbers 0) (aref numbers 50000) (aref numbers 99999)))
