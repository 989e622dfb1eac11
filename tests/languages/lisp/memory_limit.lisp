(format t "begin~%")
(finish-output)
(loop collect (make-array 1000000 :element-type '(unsigned-byte 8) :initial-element 1))
