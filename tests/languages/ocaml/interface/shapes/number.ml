type t = int

let of_int n = n
let to_int n = n
let times = ( * )
