(println "before")

(println (quot 1 (- 1 1)))
