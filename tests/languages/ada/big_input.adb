with Ada.Integer_Text_IO, Ada.Text_IO;

procedure Main is
   use Ada.Integer_Text_IO, Ada.Text_IO;

   Lines, Bytes : Natural := 0;
begin
   while not End_Of_File loop
      Lines := Lines + 1;
      Bytes := Bytes + Get_Line'Length + 1;
   end loop;
   Put (Lines, Width => 1);
   Put (" ");
   Put (Bytes, Width => 1);
   New_Line;
end Main;
