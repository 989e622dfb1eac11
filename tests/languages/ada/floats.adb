with Ada.Long_Float_Text_IO, Ada.Numerics.Long_Elementary_Functions, Ada.Text_IO;

procedure Main is
   procedure Show (Value : Long_Float; Places : Natural) is
   begin
      Ada.Long_Float_Text_IO.Put (Value, Fore => 1, Aft => Places, Exp => 0);
      Ada.Text_IO.New_Line;
   end Show;

   Tenth : constant Long_Float := 0.1;
   Fifth : constant Long_Float := 0.2;
begin
   Show (Tenth + Fifth, 17);
   Show (Ada.Numerics.Long_Elementary_Functions.Sqrt (2.0), 15);
   Show (Ada.Numerics.Pi, 10);
   Show (1.0 / 3.0, 6);
end Main;
