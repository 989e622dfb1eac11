(* There is no JSON in the standard library: as much of it as the document needs. *)
type json =
  | Bool of bool
  | Number of int
  | Text of string
  | List of json list
  | Object of (string * json) list

let rec read_text out = Scanf.scanf "%c" (function
  | '"' -> Buffer.contents out
  | '\\' -> Scanf.scanf "u%4x" (fun code -> Buffer.add_utf_8_uchar out (Uchar.of_int code)); read_text out
  | c -> Buffer.add_char out c; read_text out)

let rec read () = Scanf.scanf " %0c" (function
  | '{' -> Object (read_all '}' read_member)
  | '[' -> List (read_all ']' read)
  | '"' -> Scanf.scanf "%_c" (); Text (read_text (Buffer.create 16))
  | 't' -> Scanf.scanf "true" (Bool true)
  | 'f' -> Scanf.scanf "false" (Bool false)
  | _ -> Scanf.scanf "%d" (fun n -> Number n))

and read_member () =
  match read () with
  | Text name -> Scanf.scanf " :" (); (name, read ())
  | _ -> failwith "a name was expected"

and read_all : 'a. char -> (unit -> 'a) -> 'a list = fun close item ->
  let rec more items = match Scanf.scanf " %c" Fun.id with
    | c when c = close -> List.rev items
    | _ -> more (item () :: items)
  in
  more []

let rec write = function
  | Bool b -> string_of_bool b
  | Number n -> string_of_int n
  | Text text -> Printf.sprintf "%S" text
  | List items -> "[" ^ String.concat "," (List.map write items) ^ "]"
  | Object members ->
    "{" ^ String.concat "," (List.map (fun (name, item) -> Printf.sprintf "%S:%s" name (write item)) members) ^ "}"

let () =
  match read () with
  | Object ["name", Text name; "tags", List tags; "n", Number n] ->
    Printf.printf "%s %d %d\n" name (List.length tags) (n + 1);
    print_endline (write (Object ["ok", Bool true; "list", List [Number 1; Number 2; Number 3]]))
  | _ -> failwith "another document was expected"
