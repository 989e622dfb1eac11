(println "begin")
(Thread/sleep 60000)
