package Worlds is
   Name : constant String := "world";
end Worlds;
