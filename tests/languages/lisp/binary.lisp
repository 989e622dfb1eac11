(let ((out (sb-sys:make-fd-stream 1 :output t :element-type '(unsigned-byte 8) :buffering :full)))
  (dotimes (i 256)
    (write-byte i out))
  (finish-output out))
