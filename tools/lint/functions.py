#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Function lengths: none over 100 lines, at least 90 % under 40 (HACKING.md).

Relies on the code's format: a function's body opens with '{' and closes with '}' in column one.
"""
import pathlib
import re
import sys

LONGEST, MOST, SHARE = 100, 40, 0.90


def functions(path):
    start = name = None
    previous = ""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line == "{" and previous.endswith(")"):
            match = re.search(r"(\w+)\s*\([^()]*(\([^()]*\)[^()]*)*\)?[^()]*$", previous)
            start, name = number, match.group(1) if match else previous
        elif line.startswith("}") and start:
            yield number - start - 1, name, number
            start = None
        if line.strip():
            previous = line
    return


def main():
    found = []
    for root in sys.argv[1:]:
        for path in sorted(pathlib.Path(root).rglob("*.c")):
            found += [(length, f"{path}:{line} {name}") for length, name, line in functions(path)]
    lengths = sorted(length for length, _ in found)
    share = sum(length < MOST for length in lengths) / len(lengths)
    bad = [item for item in found if item[0] > LONGEST]
    for length, where in bad:
        print(f"lint: {where} has {length} lines; at most {LONGEST}")
    print(f"lint: {len(lengths)} functions, median {lengths[len(lengths) // 2]} lines, "
          f"{share:.1%} under {MOST}, longest {lengths[-1]}")
    if share < SHARE:
        print(f"lint: {SHARE:.0%} must be under {MOST} lines")
    sys.exit(bool(bad) or share < SHARE)


main()
