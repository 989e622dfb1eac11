#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# build.sh OUT FLAG... -- SOURCE...: several files are linked in the order of what they need of each other.
set -euf
IFS='
'
out=$1
shift
flags=
while [ "$1" != -- ]; do
	flags="$flags$IFS$1"
	shift
done
shift
folders=
if [ $# -gt 1 ]; then
	for source; do
		case $source in
		*/*) folders="$folders$IFS-I$IFS${source%/*}" ;;
		esac
	done
	sorted=$(ocamldep -sort $folders "$@")
	IFS=' '
	set -- $sorted
	IFS='
'
fi
exec ocamlopt -I +unix -I +str -I +threads unix.cmxa str.cmxa threads.cmxa $flags $folders -o "$out" "$@"
