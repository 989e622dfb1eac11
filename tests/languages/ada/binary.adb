with Ada.Streams, Ada.Text_IO.Text_Streams;

procedure Main is
   use Ada.Streams, Ada.Text_IO;

   Bytes : Stream_Element_Array (0 .. 255);
begin
   for I in Bytes'Range loop
      Bytes (I) := Stream_Element (I);
   end loop;
   Text_Streams.Stream (Standard_Output).Write (Bytes);
end Main;
