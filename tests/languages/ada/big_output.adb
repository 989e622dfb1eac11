with Ada.Text_IO;

procedure Main is
begin
   for I in 1 .. 20000 loop
      Ada.Text_IO.Put_Line ("0123456789012345678901234567890123456789012345678901234567890123456789012345678");
   end loop;
end Main;
