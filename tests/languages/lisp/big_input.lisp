(loop for line = (read-line *standard-input* nil)
      while line
      count t into lines
      sum (1+ (length line)) into bytes
      finally (format t "~d ~d~%" lines bytes))
