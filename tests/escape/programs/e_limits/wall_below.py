# SPDX-License-Identifier: Apache-2.0
# attack: T30 Wall time from below: 0.3 s under a limit of 1 s are the program's right.
# promise: 3
# held: wall_time_ms
# request: {"limits": {"wall_time_ms": 1000}}
# relax: {"limits": {"wall_time_ms": 200}}
# relaxed: wall_timeout
# answer: wall_at_most_ms=5000
import time

time.sleep(0.3)
print("CONTAINED slept 0.3 s under a limit of 1 s")
