# SPDX-License-Identifier: Apache-2.0
# attack: T31 The same flood to stderr, and both at once.
# promise: 3
# held: output_bytes
# contained: output_limit
# request: {"limits": {"output_bytes": 65536, "wall_time_ms": 20000}}
# relax: {"args": ["30"]}
# answer: stderr_at_most=65536
import os
import sys

for step in range(int(sys.argv[1]) if len(sys.argv) > 1 else 200000):
    os.write(2, b"e" * 1000)
    os.write(1, b"o")
print("\nESCAPED all of it was taken")
