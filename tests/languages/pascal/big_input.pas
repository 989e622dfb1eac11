{$mode objfpc}{$H+}
var
  line: string;
  lines, bytes: Int64;
begin
  lines := 0;
  bytes := 0;
  while not Eof do
  begin
    ReadLn(line);
    Inc(lines);
    Inc(bytes, Length(line) + 1);
  end;
  WriteLn(lines, ' ', bytes);
end.
