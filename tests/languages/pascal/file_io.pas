{$mode objfpc}{$H+}
uses
  SysUtils;
const
  Name = 'data.txt';
var
  data: TextFile;
  bytes: file of Byte;
  line: string;
begin
  AssignFile(data, Name);
  Rewrite(data);
  WriteLn(data, 'alpha');
  WriteLn(data, 'beta');
  CloseFile(data);

  Append(data);
  WriteLn(data, 'gamma');
  CloseFile(data);

  Reset(data);
  while not Eof(data) do
  begin
    ReadLn(data, line);
    WriteLn(line);
  end;
  CloseFile(data);

  AssignFile(bytes, Name);
  Reset(bytes);
  WriteLn(FileSize(bytes));
  CloseFile(bytes);

  DeleteFile(Name);
  if FileExists(Name) then
    WriteLn('no')
  else
    WriteLn('yes');
end.
