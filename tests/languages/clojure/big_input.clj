(with-open [in System/in]
  (let [buffer (byte-array 65536)]
    (loop [lines 0, bytes 0]
      (let [n (.read in buffer)]
        (if (neg? n)
          (println lines bytes)
          (recur (loop [i 0, found lines]
                   (if (< i n)
                     (recur (inc i) (if (= 10 (aget buffer i)) (inc found) found))
                     found))
                 (+ bytes n)))))))
