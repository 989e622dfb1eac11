with Ada.Text_IO, Words;

procedure Main is
begin
   Ada.Text_IO.Put_Line (Words.First & " " & Words.Second);
end Main;
