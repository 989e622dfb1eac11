(def total (atom 0))

(let [adders (doall (repeatedly 4 #(future (dotimes [_ 10000] (swap! total inc)))))]
  (run! deref adders))

(println @total)
(shutdown-agents)
