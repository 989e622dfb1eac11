(println "before")

(defn fail []
  (throw (ex-info "the end" {})))

(fail)
