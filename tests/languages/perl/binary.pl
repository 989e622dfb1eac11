binmode STDOUT;
print pack "C*", 0 .. 255;
