let characters text =
  let rec count at n =
    if at = String.length text then n
    else count (at + Uchar.utf_decode_length (String.get_utf_8_uchar text at)) (n + 1)
  in
  count 0 0

let () =
  print_endline "Grüße, 世界 🙂";
  let line = read_line () in
  Printf.printf "%s\n%d\n" line (characters line)
