(let ((child (sb-ext:run-program "/bin/sh" '("-c" "echo child; exit 3") :output *standard-output*)))
  (format t "~d~%" (sb-ext:process-exit-code child)))
