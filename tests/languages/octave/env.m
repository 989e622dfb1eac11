printf("%s\n[%s]\n%s\n%s\n", getenv("GREETING"), getenv("EMPTY"), getenv("HOME"), getenv("LANG"));
