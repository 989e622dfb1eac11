let () = print_endline "before"
let fail () = failwith "the end"
let () = fail ()
