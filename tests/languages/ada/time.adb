with Ada.Calendar.Formatting, Ada.Real_Time, Ada.Text_IO;

procedure Main is
   use Ada.Calendar, Ada.Real_Time, Ada.Text_IO;

   Epoch : constant Ada.Calendar.Time := Formatting.Time_Of (1970, 1, 1);
   Start : Ada.Real_Time.Time;
   Took  : Time_Span;
begin
   Put_Line (Formatting.Image (Epoch + 1_704_067_200.0));
   Start := Clock;
   delay 0.05;
   Took := Clock - Start;
   Put_Line
     (if Took >= Milliseconds (45) and then Took < Seconds (10) then "yes" else "no");
end Main;
