begin
  WriteLn('before');
  Halt(37);
end.
