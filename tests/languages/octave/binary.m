fwrite(stdout, uint8(0:255));
