uses Answer;
begin
  WriteLn(Text);
end.
