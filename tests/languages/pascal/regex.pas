{$mode objfpc}{$H+}
uses
  RegExpr;
var
  text: string;
  address: TRegExpr;
begin
  ReadLn(text);
  address := TRegExpr.Create('(\w+)@(\w+)\.com');
  try
    if address.Exec(text) then
      repeat
        WriteLn(address.Match[1], ' at ', address.Match[2]);
      until not address.ExecNext;
  finally
    address.Free;
  end;
  WriteLn(ReplaceRegExpr('\d', text, '#'));
end.
