with Ada.Integer_Text_IO, Ada.Text_IO, GNAT.OS_Lib;

procedure Main is
   use GNAT.OS_Lib;

   Shell     : String_Access := Locate_Exec_On_Path ("sh");
   Arguments : Argument_List := (new String'("-c"), new String'("echo child; exit 3"));
   Code      : constant Integer := Spawn (Shell.all, Arguments);
begin
   for Argument of Arguments loop
      Free (Argument);
   end loop;
   Free (Shell);
   Ada.Integer_Text_IO.Put (Code, Width => 1);
   Ada.Text_IO.New_Line;
end Main;
