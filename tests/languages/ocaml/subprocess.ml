let () =
  let pipe = Unix.open_process_args_in "/bin/sh" [| "sh"; "-c"; "echo child; exit 3" |] in
  print_string (In_channel.input_all pipe);
  match Unix.close_process_in pipe with
  | WEXITED code -> Printf.printf "%d\n" code
  | WSIGNALED _ | WSTOPPED _ -> prerr_endline "killed"
