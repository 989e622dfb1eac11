let () =
  let t = Unix.gmtime 1704067200. in
  Printf.printf "%d-%02d-%02d %02d:%02d:%02d\n" (t.tm_year + 1900) (t.tm_mon + 1) t.tm_mday t.tm_hour t.tm_min t.tm_sec;
  let start = Unix.gettimeofday () in
  Unix.sleepf 0.05;
  let seconds = Unix.gettimeofday () -. start in
  print_endline (if seconds >= 0.045 && seconds < 10. then "yes" else "no")
