var n: Int64;
begin
  WriteLn('begin');
  Flush(Output);
  n := 0;
  while True do Inc(n);
end.
