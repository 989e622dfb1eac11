begin
  WriteLn('before');
  if then;
end.
