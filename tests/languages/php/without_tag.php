// the first line
echo "no tag in ", __FILE__, ", line ", __LINE__, ", $argv[1]\n";
