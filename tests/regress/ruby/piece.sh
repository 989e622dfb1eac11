# SPDX-License-Identifier: Apache-2.0
# One file of Ruby's core tests, or one of the other tests, or a directory of them: piece.sh NAME.
exec 2>&1
cd /opt/regress/test
for target in "ruby/$1.rb" "$1.rb" "$1"; do
	[ ! -e "$target" ] || break
done
cd ..
exec ruby -I tool/lib -I test/lib test/runner.rb --ruby=/usr/bin/ruby -v "test/$target"
