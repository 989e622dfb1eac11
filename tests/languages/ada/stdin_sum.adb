with Ada.Text_IO, Ada.Integer_Text_IO;

procedure Main is
   Sum, Number : Integer := 0;
begin
   loop
      begin
         Ada.Integer_Text_IO.Get (Number);
      exception
         when Ada.Text_IO.End_Error => exit;
      end;
      Sum := Sum + Number;
   end loop;
   Ada.Integer_Text_IO.Put (Sum, Width => 1);
   Ada.Text_IO.New_Line;
end Main;
