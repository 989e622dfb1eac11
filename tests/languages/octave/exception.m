printf("before\n");
error("the end");
