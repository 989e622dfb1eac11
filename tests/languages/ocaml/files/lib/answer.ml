let text () = Printf.sprintf "the answer is %d" (6 * 7)
