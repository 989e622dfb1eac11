var p: Pointer;
begin
  WriteLn('begin');
  Flush(Output);
  while True do begin
    GetMem(p, 1000000);
    FillChar(p^, 1000000, 1);
  end;
end.
