data = fread(stdin, Inf, "uint8=>uint8");
printf("%d %d\n", sum(data == 10), numel(data));
