#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""suite.py LABEL NAME: runs tests/v2/checks/NAME.py with the runner of the scenario tests; a line for each check."""

import pathlib
import sys

TESTS = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TESTS), str(TESTS / "v2")]

from lib import scenario  # noqa: E402


def report(label, outcome, text, seconds):
    word = "FAILED" if outcome == "failed" else outcome
    sentence = label.partition(": ")[2].replace("_", " ")
    print(f"{word} {sys.argv[1]}: {sentence} ({seconds:.1f} s)", flush=True)
    if text:
        print("\n".join("    " + line for line in text.splitlines()), flush=True)


if __name__ == "__main__":
    scenario.run_file(TESTS / "v2" / "checks" / f"{sys.argv[2]}.py", lambda _: True, report)
