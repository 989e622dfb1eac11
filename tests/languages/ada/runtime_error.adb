with Ada.Text_IO, Ada.Command_Line;
procedure Main is begin Ada.Text_IO.Put_Line ("before");
   Ada.Text_IO.Put_Line (Integer'Image (1 / Ada.Command_Line.Argument_Count));
end Main;
