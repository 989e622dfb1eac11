let () = Printf.printf "%d\n" (Zoo.area 6 7)
