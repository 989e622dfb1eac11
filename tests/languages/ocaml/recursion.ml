let rec add n = if n = 0 then 0 else n + add (n - 1)
let () = Printf.printf "%d\n" (add 10000)
