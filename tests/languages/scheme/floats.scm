(use-modules (ice-9 format))

(format #t "~a\n~,15f\n~,10f\n~,6f\n" (+ 0.1 0.2) (sqrt 2.) (acos -1.) (/ 1. 3))
