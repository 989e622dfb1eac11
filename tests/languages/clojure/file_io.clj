(require '[clojure.java.io :as io])

(let [file (io/file "data.txt")]
  (spit file "alpha\nbeta\n")
  (spit file "gamma\n" :append true)
  (print (slurp file))
  (println (.length file))
  (io/delete-file file)
  (println (if (.exists file) "no" "yes")))
