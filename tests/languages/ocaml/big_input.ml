let () =
  let rec count lines bytes = match In_channel.input_line stdin with
    | Some line -> count (lines + 1) (bytes + String.length line + 1)
    | None -> Printf.printf "%d %d\n" lines bytes
  in
  count 0 0
