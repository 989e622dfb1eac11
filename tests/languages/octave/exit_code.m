printf("before\n");
exit(37);
