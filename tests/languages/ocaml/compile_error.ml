let () = print_endline "before"

let = 1
