(defconstant +unix-epoch+ (encode-universal-time 0 0 0 1 1 1970 0))

(multiple-value-bind (second minute hour day month year) (decode-universal-time (+ 1704067200 +unix-epoch+) 0)
  (format t "~d-~2,'0d-~2,'0d ~2,'0d:~2,'0d:~2,'0d~%" year month day hour minute second))

(let ((start (get-internal-real-time)))
  (sleep 0.05)
  (let ((seconds (/ (- (get-internal-real-time) start) internal-time-units-per-second)))
    (format t "~:[no~;yes~]~%" (and (>= seconds 0.045) (< seconds 10)))))
