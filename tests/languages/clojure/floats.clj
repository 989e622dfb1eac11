(println (+ 0.1 0.2))
(println (format "%.15f" (Math/sqrt 2)))
(println (format "%.10f" Math/PI))
(println (format "%.6f" (double 1/3)))
