with Ada.Text_IO;

procedure Main is
begin
   Ada.Text_IO.Put_Line ("begin");
   delay 60.0;
end Main;
