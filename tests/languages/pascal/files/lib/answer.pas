unit Answer;
interface
function Text: string;
implementation
function Text: string;
begin
  Text := 'the answer is 42';
end;
end.
