out=$(sh -c 'echo child; exit 3')
code=$?
echo "$out"
echo "$code"
