printf 'alpha\nbeta\n' > data.txt
echo gamma >> data.txt
cat data.txt
stat -c %s data.txt
rm data.txt
[[ -e data.txt ]] || echo yes
