;; There is no JSON in Clojure's own library: a reader of what the document has, a writer of maps and vectors.
(require '[clojure.string :as string])

(def token #"\"(?:[^\"\\]|\\.)*\"|-?\d+|true|false|null|[\[\]{}:,]")

(defn unquoted [text]
  (string/replace (subs text 1 (dec (count text))) #"\\(?:u(\p{XDigit}{4})|(.))"
                  (fn [[_ code c]] (if code (str (char (Integer/parseInt code 16))) c))))

(declare value)

(defn items
  "[what stands up to the closing token, what is behind that]"
  [item tokens closing]
  (loop [found [], [head & tail :as rest] tokens]
    (cond
      (= head closing) [found tail]
      (= head ",") (recur found tail)
      :else (let [[one rest] (item rest)] (recur (conj found one) rest)))))

(defn member [[name _ & rest]]
  (let [[v rest] (value rest)] [[(unquoted name) v] rest]))

(defn value [[head & tail]]
  (case (first head)
    \{ (update (items member tail "}") 0 #(into {} %))
    \[ (items value tail "]")
    \" [(unquoted head) tail]
    [(case head "true" true "false" false "null" nil (parse-long head)) tail]))

(defn encode [v]
  (cond
    (map? v) (str "{" (string/join "," (map (fn [[k v]] (str (encode (name k)) ":" (encode v))) v)) "}")
    (sequential? v) (str "[" (string/join "," (map encode v)) "]")
    (nil? v) "null"
    :else (pr-str v)))

(let [[{:strs [name tags n]}] (value (re-seq token (slurp *in*)))]
  (println name (count tags) (inc n)))
(println (encode (array-map :ok true :list [1 2 3])))
