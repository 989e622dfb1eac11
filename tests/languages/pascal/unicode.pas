{$mode objfpc}{$H+}
{$codepage utf8}
uses
  cwstring;

function Characters(const text: UTF8String): Integer;
var
  c: Char;
begin
  Result := 0;
  for c in text do
    if Ord(c) and $C0 <> $80 then
      Inc(Result);
end;

var
  line: UTF8String;
begin
  WriteLn(UTF8String('Grüße, 世界 🙂'));
  ReadLn(line);
  WriteLn(line);
  WriteLn(Characters(line));
end.
