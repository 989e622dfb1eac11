let () =
  let rec add sum = match Scanf.scanf " %d" Fun.id with
    | number -> add (sum + number)
    | exception _ -> sum
  in
  Printf.printf "%d\n" (add 0)
