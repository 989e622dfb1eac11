;;; SPDX-License-Identifier: Apache-2.0
;;; compile.scm OUT SOURCE: compiled code is several times as fast as what the interpreter does, and only its
;;; backtraces have lines. Warnings are those of guile's own compilation at the first run of a script.
(use-modules (ice-9 match) (system base compile))

(define (fail key . details)
  (print-exception (current-error-port) #f key details)
  (exit 1))

(match (command-line)
  ((_ out source)
   (catch #t
     (lambda ()
       (compile-file source #:output-file out #:opts %auto-compilation-options #:env (current-module)))
     fail)))
