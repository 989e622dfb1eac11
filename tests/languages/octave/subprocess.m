[code, said] = system("echo child; exit 3");
printf("%s%d\n", said, code);
