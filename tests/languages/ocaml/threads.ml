let lock = Mutex.create ()
let total = ref 0

let add () =
  for _ = 1 to 10000 do
    Mutex.lock lock;
    incr total;
    Mutex.unlock lock
  done

let () =
  List.init 4 (fun _ -> Thread.create add ()) |> List.iter Thread.join;
  Printf.printf "%d\n" !total
