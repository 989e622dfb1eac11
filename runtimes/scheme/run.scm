;;; SPDX-License-Identifier: Apache-2.0
;;; run.scm COMPILED SOURCE ARG...: as `guile -s SOURCE ARG...`
(define compiled (cadr (command-line)))
(set-program-arguments (cddr (command-line)))
(load-compiled compiled)
