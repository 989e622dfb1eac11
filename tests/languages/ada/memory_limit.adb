with Ada.Text_IO;

procedure Main is
   type Block;
   type Link is access Block;
   type Content is array (1 .. 1_000_000) of Character;
   type Block is record
      Next : Link;
      Data : Content;
   end record;

   Head : Link;
begin
   Ada.Text_IO.Put_Line ("begin");
   loop
      Head := new Block'(Next => Head, Data => (others => 'x'));
   end loop;
end Main;
