let () = print_endline "before"
let zero = int_of_string "0"
let () = print_int (1 / zero)
