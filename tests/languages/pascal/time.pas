uses
  SysUtils, DateUtils;
var
  start: TDateTime;
  ms: Int64;
begin
  WriteLn(FormatDateTime('yyyy-mm-dd hh:nn:ss', UnixToDateTime(1704067200)));
  start := Now;
  Sleep(50);
  ms := MilliSecondsBetween(Now, start);
  if (ms >= 45) and (ms < 10000) then
    WriteLn('yes')
  else
    WriteLn('no');
end.
