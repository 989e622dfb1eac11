#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the tests of other products' formats: their examples, and their own clients. A test is what tests/lib/scenario.py says."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from lib import runner  # noqa: E402

if __name__ == "__main__":
    sys.exit(runner.main(__doc__, "dialects"))
