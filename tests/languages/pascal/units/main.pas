uses
  Area;
{$I units.inc}
begin
  WriteLn(Rectangle(Width, Height));
end.
