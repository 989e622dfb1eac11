text = fgets(stdin);
for found = regexp(text, '(\w+)@(\w+)\.com', "tokens")
  printf("%s at %s\n", found{1}{:});
end
puts(regexprep(text, '\d', "#"));
