(format t "Hello, world~%")
