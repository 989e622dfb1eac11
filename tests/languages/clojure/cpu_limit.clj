(println "begin")
(loop [] (recur))
