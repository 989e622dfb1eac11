(format t "~a~%[~a]~%~a~%~a~%" (sb-ext:posix-getenv "GREETING") (sb-ext:posix-getenv "EMPTY")
        (sb-ext:posix-getenv "HOME") (sb-ext:posix-getenv "LANG"))
