var zero: Integer;
begin
  WriteLn('before');
  Flush(Output);
  zero := 0;
  WriteLn(1 div zero);
end.
