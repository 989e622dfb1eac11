uses
  BaseUnix;
begin
  WriteLn('before');
  Flush(Output);
  FpKill(FpGetPid, SIGKILL);
end.
