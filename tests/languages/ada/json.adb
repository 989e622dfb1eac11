--  There is no JSON in Ada's library: as much of it as the document needs.

with Ada.Strings.Fixed, Ada.Strings.Unbounded, Ada.Text_IO;
with Ada.Strings.UTF_Encoding.Wide_Wide_Strings;

procedure Main is
   use Ada.Strings, Ada.Strings.Unbounded, Ada.Text_IO;

   type Number_List is array (Positive range <>) of Integer;

   Text : constant String := Get_Line;

   function Image (Number : Integer) return String is
     (Fixed.Trim (Integer'Image (Number), Left));

   --  Where the value of a member begins.
   function Value_Of (Name : String) return Positive is
      Quoted : constant String := """" & Name & """: ";
   begin
      return Fixed.Index (Text, Quoted) + Quoted'Length;
   end Value_Of;

   function Text_Of (Name : String) return String is
      use Ada.Strings.UTF_Encoding.Wide_Wide_Strings;

      Result : Unbounded_String;
      At_Now : Positive := Value_Of (Name) + 1;
   begin
      while Text (At_Now) /= '"' loop
         if Text (At_Now .. At_Now + 1) = "\u" then
            Append (Result, Encode ((1 => Wide_Wide_Character'Val
              (Integer'Value ("16#" & Text (At_Now + 2 .. At_Now + 5) & "#")))));
            At_Now := At_Now + 6;
         else
            Append (Result, Text (At_Now));
            At_Now := At_Now + 1;
         end if;
      end loop;
      return To_String (Result);
   end Text_Of;

   function Count_Of (Name : String) return Natural is
      First : constant Positive := Value_Of (Name);
      Last  : constant Positive := Fixed.Index (Text, "]", From => First);
   begin
      return (if Last = First + 1 then 0 else 1 + Fixed.Count (Text (First .. Last), ","));
   end Count_Of;

   function Number_Of (Name : String) return Integer is
      First : constant Positive := Value_Of (Name);
      Last  : Natural := First;
   begin
      while Text (Last + 1) in '0' .. '9' loop
         Last := Last + 1;
      end loop;
      return Integer'Value (Text (First .. Last));
   end Number_Of;

   function Array_Of (Numbers : Number_List) return String is
      Result : Unbounded_String;
   begin
      for Number of Numbers loop
         Append (Result, (if Result = "" then "" else ",") & Image (Number));
      end loop;
      return "[" & To_String (Result) & "]";
   end Array_Of;

begin
   Put_Line (Text_Of ("name") & " " & Image (Count_Of ("tags")) & " " & Image (Number_Of ("n") + 1));
   Put_Line ("{""ok"":true,""list"":" & Array_Of ((1, 2, 3)) & "}");
end Main;
