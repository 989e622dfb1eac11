# SPDX-License-Identifier: Apache-2.0
# The tests of one subject of Node's, piece.sh SUBJECT for test/parallel/test-SUBJECT*, one after the other, each with
# the flags that stand in it. Prints "FAIL file" and what it has said.
exec 2>&1
export NODE_TEST_DIR=/work NODE_SKIP_FLAG_CHECK=1
cd /opt/regress/test
passed=0
for file in parallel/test-"$1"[-.]*; do
	flags=$(sed -n 's#^// Flags: ##p' "$file" | head -1)
	if ! timeout 120 node $flags "$file" </dev/null >/tmp/out 2>&1; then
		echo "FAIL ${file#parallel/}"
		tail -c 4000 /tmp/out
		continue
	fi
	grep -q '^1..0 # Skipped' /tmp/out || passed=$((passed + 1))
done
echo "passed $passed"
