with Ada.Wide_Wide_Text_IO;

procedure Main is
   use Ada.Wide_Wide_Text_IO;

   Greeting : constant Wide_Wide_String := "Grüße, 世界 🙂";
begin
   Put_Line (Greeting);
   Put_Line (Integer'Wide_Wide_Image (Greeting'Length));
end Main;
