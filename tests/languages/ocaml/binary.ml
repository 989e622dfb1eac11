let () =
  for i = 0 to 255 do
    print_char (Char.chr i)
  done
