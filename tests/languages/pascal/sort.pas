{$mode objfpc}
uses
  Generics.Collections;
var
  numbers: specialize TList<Int64>;
  x: Int64;
  i: Integer;
begin
  numbers := specialize TList<Int64>.Create;
  x := 42;
  for i := 1 to 100000 do
  begin
    numbers.Add(x);
    x := x * 16807 mod 2147483647;
  end;
  numbers.Sort;
  WriteLn(numbers[0], ' ', numbers[50000], ' ', numbers[99999]);
  numbers.Free;
end.
