printf("before\n");
few = [1 2 3];
few(7)
