with Ada.Text_IO;
procedure Main is
   Spare : Integer;
begin
   Ada.Text_IO.Put_Line ("compiled");
end Main;
