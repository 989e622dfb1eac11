function Add(n: Int64): Int64;
begin
  if n = 0 then Add := 0 else Add := n + Add(n - 1);
end;
begin
  WriteLn(Add(10000));
end.
