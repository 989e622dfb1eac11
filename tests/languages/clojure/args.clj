(doseq [argument *command-line-args*]
  (println (str "[" argument "]")))
