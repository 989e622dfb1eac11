(println "Hello, world")
