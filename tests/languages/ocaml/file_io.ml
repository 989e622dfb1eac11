let name = "data.txt"

let () =
  Out_channel.with_open_bin name (fun file -> output_string file "alpha\nbeta\n");
  Out_channel.with_open_gen [Open_append] 0 name (fun file -> output_string file "gamma\n");
  print_string (In_channel.with_open_bin name In_channel.input_all);
  Printf.printf "%d\n" (Unix.stat name).st_size;
  Sys.remove name;
  print_endline (if Sys.file_exists name then "no" else "yes")
