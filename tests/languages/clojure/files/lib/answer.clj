(ns lib.answer)

(defn answer []
  (* 6 7))
