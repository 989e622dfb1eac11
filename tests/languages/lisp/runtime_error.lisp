(format t "before~%")
(defvar *zero* 0)
(print (/ 1 *zero*))
