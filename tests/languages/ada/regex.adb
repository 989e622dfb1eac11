with Ada.Text_IO, GNAT.Regpat;

procedure Main is
   use Ada.Text_IO, GNAT.Regpat;

   Address : constant Pattern_Matcher := Compile ("([\w]+)@([\w]+)\.com");
   Line    : String := Get_Line;
   Found   : Match_Array (0 .. 2);
   From    : Positive := Line'First;
begin
   loop
      Match (Address, Line, Found, Data_First => From);
      exit when Found (0) = No_Match;
      Put_Line (Line (Found (1).First .. Found (1).Last) & " at " & Line (Found (2).First .. Found (2).Last));
      From := Found (0).Last + 1;
   end loop;
   for C of Line loop
      if C in '0' .. '9' then
         C := '#';
      end if;
   end loop;
   Put_Line (Line);
end Main;
