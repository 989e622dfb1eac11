# SPDX-License-Identifier: Apache-2.0
# attack: T30 CPU time, the plain way.
# promise: 3
# held: cpu_time_ms
# contained: cpu_timeout
# request: {"limits": {"cpu_time_ms": 500, "wall_time_ms": 20000}}
# relax: {"limits": {"cpu_time_ms": 20000}}
# answer: wall_at_most_ms=6000
import time

while time.process_time() < 1.2:
    pass
print("ESCAPED spun", time.process_time(), "s under a limit of 0.5")
