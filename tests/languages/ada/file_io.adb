with Ada.Directories, Ada.Integer_Text_IO, Ada.Text_IO;

procedure Main is
   use Ada.Directories, Ada.Text_IO;

   Name : constant String := "data.txt";
   File : File_Type;
begin
   Create (File, Out_File, Name);
   Put_Line (File, "alpha");
   Put_Line (File, "beta");
   Close (File);
   Open (File, Append_File, Name);
   Put_Line (File, "gamma");
   Close (File);
   Open (File, In_File, Name);
   while not End_Of_File (File) loop
      Put_Line (Get_Line (File));
   end loop;
   Close (File);
   Ada.Integer_Text_IO.Put (Integer (Size (Name)), Width => 1);
   New_Line;
   Delete_File (Name);
   Put_Line (if Exists (Name) then "no" else "yes");
end Main;
