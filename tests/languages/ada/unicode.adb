with Ada.Text_IO;
with Ada.Strings.UTF_Encoding.Wide_Wide_Strings;

procedure Main is
   use Ada.Strings.UTF_Encoding.Wide_Wide_Strings, Ada.Text_IO;

   Length : Natural;
begin
   Put_Line ("Grüße, 世界 🙂");
   declare
      Line : constant String := Get_Line;
   begin
      Put_Line (Line);
      Length := Decode (Line)'Length;
   end;
   Put_Line (Integer'Image (Length) (2 .. 2));
end Main;
