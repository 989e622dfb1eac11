let () = print_endline "begin"; Unix.sleep 60
