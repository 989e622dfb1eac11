let () =
  print_endline "begin";
  while true do () done
