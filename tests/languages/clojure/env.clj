(println (System/getenv "GREETING"))
(println (str "[" (System/getenv "EMPTY") "]"))
(println (System/getenv "HOME"))
(println (System/getenv "LANG"))
