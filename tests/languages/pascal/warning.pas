{$mode objfpc}
program Warning;

function Nothing: Integer;
begin
end;

begin
  Nothing;
  WriteLn('compiled');
end.
