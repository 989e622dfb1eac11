let () =
  let get = Sys.getenv in
  Printf.printf "%s\n[%s]\n%s\n%s\n" (get "GREETING") (get "EMPTY") (get "HOME") (get "LANG")
