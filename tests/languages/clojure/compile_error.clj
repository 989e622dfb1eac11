(println "before")

(println "what"
