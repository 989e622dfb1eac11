(println (reduce + (map parse-long (re-seq #"\S+" (slurp *in*)))))
