uses SysUtils;
begin
  WriteLn(GetEnvironmentVariable('GREETING'));
  WriteLn('[', GetEnvironmentVariable('EMPTY'), ']');
  WriteLn(GetEnvironmentVariable('HOME'));
  WriteLn(GetEnvironmentVariable('LANG'));
end.
