;;; There is no JSON in Common Lisp: as much of it as the document needs. Objects are association lists.

(defun skip-space ()
  (peek-char t))

(defun expect (character)
  (skip-space)
  (assert (char= (read-char) character)))

(defun read-text ()
  (expect #\")
  (with-output-to-string (out)
    (loop for c = (read-char)
          until (char= c #\")
          do (write-char (if (char= c #\\) (read-escape) c) out))))

(defun read-escape ()
  (expect #\u)
  (code-char (loop with code = 0
                   repeat 4
                   do (setf code (+ (* 16 code) (digit-char-p (read-char) 16)))
                   finally (return code))))

(defun read-items (close read-item)
  (read-char)
  (loop until (char= (skip-space) close)
        collect (funcall read-item)
        when (char= (skip-space) #\,) do (read-char)
        finally (read-char)))

(defun read-member ()
  (let ((name (read-text)))
    (expect #\:)
    (cons name (read-json))))

(defun read-json ()
  (case (skip-space)
    (#\{ (read-items #\} #'read-member))
    (#\[ (coerce (read-items #\] #'read-json) 'vector))
    (#\" (read-text))
    (t (loop while (digit-char-p (peek-char))
             collect (read-char) into digits
             finally (return (parse-integer (coerce digits 'string)))))))

(defun write-items (items write-item)
  (loop for (item . more) on items
        do (funcall write-item item)
           (when more (write-char #\,))))

(defun write-json (value)
  (etypecase value
    ((eql t) (write-string "true"))
    (integer (princ value))
    (string (prin1 value))
    (vector (write-char #\[)
            (write-items (coerce value 'list) #'write-json)
            (write-char #\]))
    (list (write-char #\{)
          (write-items value (lambda (member)
                               (write-json (car member))
                               (write-char #\:)
                               (write-json (cdr member))))
          (write-char #\}))))

(let ((document (read-json)))
  (flet ((member-of (name) (cdr (assoc name document :test #'string=))))
    (format t "~a ~d ~d~%" (member-of "name") (length (member-of "tags")) (1+ (member-of "n")))))
(write-json '(("ok" . t) ("list" . #(1 2 3))))
(terpri)
