#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the scenario tests: real servers, real bytes. See tests/lib/scenario.py for what a test is."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from lib import runner  # noqa: E402

if __name__ == "__main__":
    sys.exit(runner.main(__doc__, "scenario"))
