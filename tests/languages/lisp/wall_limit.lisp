(format t "begin~%")
(finish-output)
(sleep 60)
