let () = Array.iteri (fun i argument -> if i > 0 then Printf.printf "[%s]\n" argument) Sys.argv
