puts("begin\n");
fflush(stdout);
pause(60);
