# SPDX-License-Identifier: Apache-2.0
# The tests in one directory of Perl's, piece.sh t/op. Prints what does not pass as "FAIL file number", and the file
# alone if it did not come to its end.
exec 2>&1
cp -r /opt/regress/t /opt/regress/lib .
cd t
for file in ../"$1"/*.t; do
	switches=$(sed -n '1s/^#!.*perl *//p' "$file") # -T must also be on the command line
	./perl -I../lib $switches "$file" </dev/null >out 2>&1
	code=$?
	awk -v code=$code -v file="${file#../}" '
		/^1\.\.[0-9]+/ { plan = substr($1, 4) + 0; planned = 1 }
		/^(not )?ok/ { run++ }
		/^not ok/ && !/# *(TODO|todo)/ { print "FAIL " file " " $3; print; failed = 1 }
		END {
			print "run " run + 0
			if (!failed && (code || !planned || run != plan)) {
				print "FAIL " file " whole, ended with " code " after " run + 0 " of " plan + 0
				failed = 1
			}
			exit failed
		}' out || tail -5 out
done
