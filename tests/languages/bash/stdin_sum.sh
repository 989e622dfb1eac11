sum=0
while read -r -a words || [[ ${words[*]} ]]; do
	for word in "${words[@]}"; do
		((sum += word))
	done
done
echo "$sum"
