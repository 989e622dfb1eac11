(def numbers (vec (sort (take 100000 (iterate #(mod (* % 16807) 2147483647) 42)))))
(println (numbers 0) (numbers 50000) (numbers 99999))
