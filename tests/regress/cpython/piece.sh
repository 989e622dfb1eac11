# SPDX-License-Identifier: Apache-2.0
# One module of CPython's tests, piece.sh MODULE. Not the resources: network, gui, big memory, minutes of processor.
exec 2>&1
python3.13 -m test --timeout 600 --verbose3 -u none "$1"
code=$?
[ $code -ne 4 ] || exit 0 # all of it was skipped
exit $code
