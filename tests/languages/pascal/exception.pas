{$mode objfpc}
uses SysUtils;
begin
  WriteLn('before');
  Flush(Output);
  raise Exception.Create('the end');
end.
