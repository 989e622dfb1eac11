(format t "~f~%~,15f~%~,10f~%~,6f~%" (+ 0.1d0 0.2d0) (sqrt 2d0) pi (/ 1d0 3))
