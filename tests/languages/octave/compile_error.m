printf("before\n");

x = = 1;
