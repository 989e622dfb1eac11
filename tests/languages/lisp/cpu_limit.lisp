(format t "begin~%")
(finish-output)
(loop)
