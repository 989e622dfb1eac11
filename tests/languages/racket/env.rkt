#lang racket/base
(printf "~a\n[~a]\n~a\n~a\n" (getenv "GREETING") (getenv "EMPTY") (getenv "HOME") (getenv "LANG"))
