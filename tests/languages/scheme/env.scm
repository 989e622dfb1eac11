(format #t "~a\n[~a]\n~a\n~a\n" (getenv "GREETING") (getenv "EMPTY") (getenv "HOME") (getenv "LANG"))
