(def text (slurp *in*))
(doseq [[_ user place] (re-seq #"(\w+)@(\w+)\.com" text)]
  (println user "at" place))
(print (clojure.string/replace text #"\d" "#"))
(flush)
