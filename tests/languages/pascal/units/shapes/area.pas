unit Area;

interface

function Rectangle(width, height: Integer): Integer;

implementation

function Rectangle(width, height: Integer): Integer;
begin
  Rectangle := width * height;
end;

end.
