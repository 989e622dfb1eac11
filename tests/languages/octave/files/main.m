addpath("lib");
printf("the answer is %d\n", answer());
