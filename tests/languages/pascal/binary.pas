var
  out: file of Byte;
  i: Byte;
begin
  Assign(out, '');
  Rewrite(out);
  for i := 0 to 255 do
    Write(out, i);
  Close(out);
end.
