(import '(java.time Instant ZoneOffset)
        'java.time.format.DateTimeFormatter)

(println (.format (DateTimeFormatter/ofPattern "yyyy-MM-dd HH:mm:ss")
                  (.atZone (Instant/ofEpochSecond 1704067200) ZoneOffset/UTC)))

(let [begin (System/nanoTime)]
  (Thread/sleep 50)
  (let [took (/ (- (System/nanoTime) begin) 1e6)]
    (println (if (<= 45 took 10000) "yes" (str "no: " took " ms")))))
