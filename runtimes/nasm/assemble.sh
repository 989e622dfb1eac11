#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# assemble.sh OUT SOURCE...: with libc and its start if there is a `main`, else as it is.
set -eu
out=$1
shift
i=0
objects=
for source in "$@"; do
	i=$((i + 1))
	nasm -f elf64 -g -F dwarf -I "$(dirname "$source")/" -o "/tmp/$i.o" "$source"
	objects="$objects /tmp/$i.o"
done
if nm $objects | grep -q ' T main$'; then
	exec gcc -no-pie -o "$out" $objects -lm
fi
exec ld -o "$out" $objects
