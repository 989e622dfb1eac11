let () = print_endline (Answer.text ())
