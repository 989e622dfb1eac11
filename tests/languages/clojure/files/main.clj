(require '[lib.answer :refer [answer]])

(println "the answer is" (answer))
