with Ada.Text_IO, Interfaces.C;

procedure Main is
   use Interfaces.C;

   SIGKILL : constant := 9;

   function Get_Pid return int
     with Import, Convention => C, External_Name => "getpid";
   function Kill (Pid, Signal : int) return int
     with Import, Convention => C, External_Name => "kill";
begin
   Ada.Text_IO.Put_Line ("before");
   if Kill (Get_Pid, SIGKILL) /= 0 then
      Ada.Text_IO.Put_Line ("still here");
   end if;
end Main;
