(require '[clojure.java.shell :refer [sh]])

(let [{:keys [out exit]} (sh "sh" "-c" "echo child; exit 3")]
  (print out)
  (println exit))
(shutdown-agents)
