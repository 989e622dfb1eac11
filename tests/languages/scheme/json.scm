(use-modules (json))

(define document (json->scm))
(format #t "~a ~a ~a\n"
        (assoc-ref document "name")
        (vector-length (assoc-ref document "tags"))
        (+ (assoc-ref document "n") 1))
(scm->json '((ok . #t) (list . #(1 2 3))))
(newline)
