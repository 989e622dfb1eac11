name = "data.txt";

function put(name, mode, text)
  file = fopen(name, mode);
  fputs(file, text);
  fclose(file);
end

put(name, "w", "alpha\nbeta\n");
put(name, "a", "gamma\n");
puts(fileread(name));
printf("%d\n", stat(name).size);
delete(name);
if isfile(name)
  puts("no\n");
else
  puts("yes\n");
end
