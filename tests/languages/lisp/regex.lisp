;;; There are no regular expressions in Common Lisp: the pattern [a-z0-9]+@[a-z]+\.com by hand.

(defun find-address (text from)
  "Where the next address begins, where its @ is, where its name ends; nothing if there is none."
  (let ((at (position #\@ text :start from)))
    (when at
      (let ((start (position-if-not #'alphanumericp text :start from :end at :from-end t))
            (end (position-if-not #'alpha-char-p text :start (1+ at))))
        (if (and end (eql (search ".com" text :start2 end) end))
            (values (if start (1+ start) from) at end)
            (find-address text (1+ at)))))))

(let ((text (read-line)) (from 0))
  (loop
    (multiple-value-bind (start at end) (find-address text from)
      (unless start (return))
      (format t "~a at ~a~%" (subseq text start at) (subseq text (1+ at) end))
      (setf from end)))
  (write-line (substitute-if #\# #'digit-char-p text)))
