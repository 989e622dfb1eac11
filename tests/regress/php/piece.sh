# SPDX-License-Identifier: Apache-2.0
# The tests in one directory of PHP's, piece.sh DIRECTORY. They are copied because they write beside themselves.
exec 2>&1
cd /opt/regress
cp -r --parents run-tests.php sapi "$1" /work
cd /work
export NO_INTERACTION=1 SKIP_SLOW_TESTS=1 SKIP_ONLINE_TESTS=1 NO_COLOR=1
exec php8.4 run-tests.php -q -g FAIL,BORK,LEAK,WARN,TIMEOUT --show-diff --set-timeout 60 -p /usr/bin/php8.4 \
	-d session.save_path=/tmp "$1" # as runtimes/php has it
