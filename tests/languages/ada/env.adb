with Ada.Environment_Variables, Ada.Text_IO;

procedure Main is
   use Ada.Environment_Variables, Ada.Text_IO;
begin
   Put_Line (Value ("GREETING"));
   Put_Line ("[" & Value ("EMPTY") & "]");
   Put_Line (Value ("HOME"));
   Put_Line (Value ("LANG"));
end Main;
