with Ada.Integer_Text_IO, Ada.Text_IO;

procedure Main is
   function Add (N : Natural) return Natural is (if N = 0 then 0 else N + Add (N - 1));
begin
   Ada.Integer_Text_IO.Put (Add (10_000), Width => 1);
   Ada.Text_IO.New_Line;
end Main;
