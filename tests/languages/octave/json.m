document = jsondecode(fgetl(stdin));
printf("%s %d %d\n", document.name, numel(document.tags), document.n + 1);
disp(jsonencode(struct("ok", true, "list", [1 2 3])));
