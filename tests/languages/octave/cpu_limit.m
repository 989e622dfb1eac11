puts("begin\n");
fflush(stdout);
while true
end
