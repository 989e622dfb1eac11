# SPDX-License-Identifier: Apache-2.0
# attack: T30 CPU time from below: 0.3 s under a limit of 0.8 s are the program's right.
# promise: 3
# held: cpu_time_ms
# request: {"limits": {"cpu_time_ms": 800}}
# relax: {"limits": {"cpu_time_ms": 150}}
# relaxed: cpu_timeout
# answer: wall_at_most_ms=10000
import time

while time.process_time() < 0.3:
    pass
print("CONTAINED spun 0.3 s under a limit of 0.8 s")
