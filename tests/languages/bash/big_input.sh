read -r lines bytes < <(wc -lc)
echo "$lines $bytes"
