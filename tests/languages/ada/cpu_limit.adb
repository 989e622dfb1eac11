with Ada.Text_IO;

procedure Main is
   N : Natural := 0 with Volatile;
begin
   Ada.Text_IO.Put_Line ("begin");
   loop
      N := (N + 1) mod 1000;
   end loop;
end Main;
