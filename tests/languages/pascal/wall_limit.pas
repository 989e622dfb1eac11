uses SysUtils;
begin
  WriteLn('begin');
  Flush(Output);
  Sleep(60000);
end.
