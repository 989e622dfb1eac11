with Ada.Text_IO;

procedure Main is
   protected Total is
      procedure Add;
      function Value return Integer;
   private
      Sum : Integer := 0;
   end Total;

   protected body Total is
      procedure Add is
      begin
         Sum := Sum + 1;
      end Add;

      function Value return Integer is (Sum);
   end Total;

   task type Adder;

   task body Adder is
   begin
      for I in 1 .. 10000 loop
         Total.Add;
      end loop;
   end Adder;
begin
   declare
      Adders : array (1 .. 4) of Adder;
      pragma Unreferenced (Adders);
   begin
      null;
   end;
   Ada.Text_IO.Put_Line (Integer'Image (Total.Value) (2 .. 6));
end Main;
