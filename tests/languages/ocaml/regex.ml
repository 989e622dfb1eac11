let () =
  let text = In_channel.input_all stdin in
  let pattern = Str.regexp {|\([a-z0-9]+\)@\([a-z]+\)\.com|} in
  let rec find at =
    match Str.search_forward pattern text at with
    | _ ->
      Printf.printf "%s at %s\n" (Str.matched_group 1 text) (Str.matched_group 2 text);
      find (Str.match_end ())
    | exception Not_found -> ()
  in
  find 0;
  print_string (Str.global_replace (Str.regexp "[0-9]") "#" text)
