#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# build.sh OUT FLAG... -- SOURCE...: with what `prepare` has compiled of the C libraries' headers. lld, because GNU's ld
# refuses libraries of Swift's own (Observation), and takes longer.
set -euf
IFS='
'
cache=/opt/sandglass/swift/modules
out=$1
shift
flags=
while [ "$1" != -- ]; do
	case $1 in
	-swift-version=*) flags="$flags$IFS-swift-version$IFS${1#*=}" ;;
	*) flags="$flags$IFS$1" ;;
	esac
	shift
done
shift
# as packages of Swift are built: otherwise `@main` excludes itself in a single file
if grep -Eqs '^[[:space:]]*@main([[:space:]]|$)' "$@"; then
	flags="$flags$IFS-parse-as-library"
fi
status=0
swiftc -use-ld=lld $flags -module-cache-path "$cache" -o "$out" "$@" 2>/tmp/said || status=$?
# headers that nobody has prepared: the cache is read-only
if [ $status -ne 0 ] && grep -Fqs "unable to open output file '$cache" /tmp/said; then
	exec swiftc -use-ld=lld $flags -o "$out" "$@"
fi
cat /tmp/said >&2
exit $status
