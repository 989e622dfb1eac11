let () =
  let x = ref 42 in
  let numbers = Array.init 100000 (fun _ -> let now = !x in x := now * 16807 mod 2147483647; now) in
  Array.sort compare numbers;
  Printf.printf "%d %d %d\n" numbers.(0) numbers.(50000) numbers.(99999)
