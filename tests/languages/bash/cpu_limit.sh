echo begin
while :; do
	:
done
