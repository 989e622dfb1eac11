puts("begin\n");
fflush(stdout);
kept = {};
while true
  kept{end + 1} = ones(1, 125000);
end
