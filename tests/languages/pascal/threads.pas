{$mode objfpc}
uses
  cthreads, Classes, SyncObjs;

type
  TAdder = class(TThread)
  protected
    procedure Execute; override;
  end;

var
  lock: TCriticalSection;
  total: Integer;
  adders: array [1..4] of TAdder;
  i: Integer;

procedure TAdder.Execute;
var
  n: Integer;
begin
  for n := 1 to 10000 do
  begin
    lock.Acquire;
    Inc(total);
    lock.Release;
  end;
end;

begin
  total := 0;
  lock := TCriticalSection.Create;
  for i := 1 to 4 do
    adders[i] := TAdder.Create(False);
  for i := 1 to 4 do
  begin
    adders[i].WaitFor;
    adders[i].Free;
  end;
  lock.Free;
  WriteLn(total);
end.
