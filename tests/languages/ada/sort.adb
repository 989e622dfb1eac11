with Ada.Containers.Generic_Array_Sort, Ada.Text_IO;

procedure Main is
   type Number is range 0 .. 2 ** 62;
   type Number_Array is array (Positive range <>) of Number;

   procedure Sort is new Ada.Containers.Generic_Array_Sort (Positive, Number, Number_Array);

   Numbers : Number_Array (1 .. 100_000);
begin
   Numbers (1) := 42;
   for I in 2 .. Numbers'Last loop
      Numbers (I) := Numbers (I - 1) * 16807 mod 2147483647;
   end loop;
   Sort (Numbers);
   Ada.Text_IO.Put_Line
     (Numbers (1)'Image (2 .. 3) & Numbers (50_001)'Image & Numbers (100_000)'Image);
end Main;
