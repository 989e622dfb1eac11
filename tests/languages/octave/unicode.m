puts("Grüße, 世界 🙂\n");
line = fgetl(stdin);
printf("%s\n%d\n", line, columns(unicode2native(line, "utf-32le")) / 4);
