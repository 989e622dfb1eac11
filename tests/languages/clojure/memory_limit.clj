(println "begin")
(loop [kept []]
  (recur (conj kept (byte-array 1000000))))
