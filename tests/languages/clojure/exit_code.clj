(println "before")
(System/exit 37)
