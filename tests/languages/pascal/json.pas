{$mode objfpc}{$H+}
uses
  cwstring, fpjson, jsonparser;
var
  text: string;
  document, answer: TJSONObject;
begin
  ReadLn(text);
  document := GetJSON(text) as TJSONObject;
  WriteLn(document.Strings['name'], ' ', document.Arrays['tags'].Count, ' ', document.Integers['n'] + 1);
  document.Free;

  answer := TJSONObject.Create(['ok', True, 'list', TJSONArray.Create([1, 2, 3])]);
  answer.CompressedJSON := True;
  WriteLn(answer.AsJSON);
  answer.Free;
end.
