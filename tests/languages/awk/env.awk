BEGIN { printf "%s\n[%s]\n%s\n%s\n", ENVIRON["GREETING"], ENVIRON["EMPTY"], ENVIRON["HOME"], ENVIRON["LANG"] }
