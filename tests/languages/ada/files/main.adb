with Ada.Text_IO, Answers;

procedure Main is
begin
   Ada.Text_IO.Put_Line ("the answer is" & Integer'Image (Answers.Answer));
end Main;
