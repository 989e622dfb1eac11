(println "Grüße, 世界 🙂")
(let [line (read-line)]
  (println line)
  (println (.codePointCount line 0 (count line))))
