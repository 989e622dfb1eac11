let area a b = Number.(to_int (times (of_int a) (of_int b)))
