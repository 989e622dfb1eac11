;; On a thread whose stack is asked for: that of the main thread has room for some thousand calls.
(defn add [n]
  (if (zero? n) 0 (+ n (add (dec n)))))

(doto (Thread. nil #(println (add 10000)) "deep" (* 64 1024 1024))
  .start
  .join)
