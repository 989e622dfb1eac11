text=$(cat)
rest=$text
while [[ $rest =~ ([a-z0-9]+)@([a-z]+)\.com ]]; do
	echo "${BASH_REMATCH[1]} at ${BASH_REMATCH[2]}"
	rest=${rest#*"${BASH_REMATCH[0]}"}
done
echo "${text//[0-9]/#}"
