(defvar *lock* (sb-thread:make-mutex))
(defvar *total* 0)

(mapc #'sb-thread:join-thread
      (loop repeat 4
            collect (sb-thread:make-thread
                     (lambda ()
                       (loop repeat 10000
                             do (sb-thread:with-mutex (*lock*) (incf *total*)))))))
(format t "~d~%" *total*)
