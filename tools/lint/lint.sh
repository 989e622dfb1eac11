#!/usr/bin/env bash
# Checks that need no taste: sizes, includes between rooms, the spawner's bounds, format, cppcheck.
# usage: tools/lint/lint.sh [BUILD_DIR]
set -u
cd "$(dirname "$0")/../.."
build=${1:-build/release}
failures=0
fail() { echo "lint: $*"; failures=$((failures + 1)); }

# --- function and file length (HACKING.md) ---
python3 tools/lint/functions.py src tools || failures=$((failures + 1))
while read -r lines file; do
	[ "$file" = total ] || [ "$lines" -le 800 ] || fail "$file has $lines lines; at most 800"
done < <(git ls-files '*.c' '*.h' '*.def' | xargs wc -l)

# --- which room may include which (ARCHITECTURE.md) ---
python3 tools/lint/rooms.py || failures=$((failures + 1))

# --- the spawner: under 3,000 lines of its own, and linked to nothing that parses ---
own=$(python3 tools/lint/lines.py src/role/spawner*.[ch] src/sandbox/*.[ch] src/sandbox/*.def)
linked=$(python3 tools/lint/lines.py src/{unpack,ipc,event,base}/*.[ch] src/{ipc,base}/*.def src/confine/{creds,landlock}.[ch])
echo "lint: the spawner: $own lines of code of its own (sandbox, role), $linked of base, event, ipc, unpack"
[ "$own" -lt 3000 ] || fail "the spawner's own sources have $own lines of code; under 3000"
spawner=$(find "$build" -name sandglass-spawner -type f 2>/dev/null | head -1)
if [ -n "$spawner" ] && ldd "$spawner" | grep -E 'yyjson|llhttp|cyaml|libyaml|seccomp|ssl|sqlite|curl'; then
	fail "the spawner links a library that it must not"
fi

# --- every header compiles alone ---
for header in $(git ls-files 'src/*.h'); do
	echo "#include \"${header#src/}\"" |
		gcc -std=gnu17 -D_GNU_SOURCE -Isrc -fsyntax-only -x c - 2>/dev/null ||
		fail "$header does not compile alone"
done

# uninitvar: reports what is set by a callee on success only; -ftrivial-auto-var-init and the sanitizers watch that
if command -v cppcheck >/dev/null; then
	cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 --enable=warning,portability \
		--suppress=uninitvar --suppress=missingIncludeSystem --suppress=unknownMacro --suppress=preprocessorErrorDirective \
		-D_GNU_SOURCE -Isrc src || fail "cppcheck"
else
	echo "lint: skipped cppcheck: not installed"
fi

[ "$failures" = 0 ] && echo "lint: clean" || { echo "lint: $failures failed"; exit 1; }
