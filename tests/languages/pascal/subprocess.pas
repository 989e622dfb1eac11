{$mode objfpc}{$H+}
uses
  BaseUnix, Process;
var
  said: string;
  status: Integer;
begin
  RunCommandIndir('', '/bin/sh', ['-c', 'echo child; exit 3'], said, status);
  Write(said);
  WriteLn(WExitStatus(status));
end.
