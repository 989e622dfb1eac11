uses
  SysUtils;
var
  a, b: Double;
begin
  a := 0.1;
  b := 0.2;
  WriteLn(a + b:0:17);
  WriteLn(Sqrt(2):0:15);
  WriteLn(Pi:0:10);
  WriteLn(FormatFloat('0.000000', 1 / 3));
end.
