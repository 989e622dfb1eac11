(format t "before~%")

(format t "what"
