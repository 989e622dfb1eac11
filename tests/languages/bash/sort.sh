for ((i = 0, x = 42; i < 100000; i++, x = x * 16807 % 2147483647)); do
	echo "$x"
done | sort -n | sed -n '1p; 50001p; 100000p' | paste -sd' '
