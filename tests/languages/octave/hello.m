printf("Hello, world\n");
