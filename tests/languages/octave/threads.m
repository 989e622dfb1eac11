% Octave has no threads: processes, and a pipe for what each has counted
1;

function count(pipe)
  n = 0;
  for i = 1:10000
    n += 1;
  end
  fprintf(pipe, "%d\n", n);
  fclose(pipe);
end

[from, to] = pipe();
children = [];
for i = 1:4
  child = fork();
  if child == 0
    count(to);
    exec("true");
  end
  children(end + 1) = child;
end
fclose(to);
total = sum(fscanf(from, "%d"));
for child = children
  waitpid(child);
end
printf("%d\n", total);
