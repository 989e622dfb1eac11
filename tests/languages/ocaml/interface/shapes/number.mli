type t

val of_int : int -> t
val to_int : t -> int
val times : t -> t -> t
