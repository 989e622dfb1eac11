with Ada.Text_IO;

procedure Main is
begin
   Ada.Text_IO.Put_Line ("before");
   raise Program_Error with "the end";
end Main;
