#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lines of code of the files given: without blank lines and comments."""
import re
import sys

text = "".join(open(path).read() + "\n" for path in sys.argv[1:])
text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
print(sum(1 for line in text.splitlines() if line.strip()))
