# SPDX-License-Identifier: Apache-2.0
# attack: T30 T37 Wall time, spent asleep; what was printed before is delivered.
# promise: 3
# held: wall_time_ms
# contained: wall_timeout
# see: before the sleep
# request: {"limits": {"wall_time_ms": 700}}
# relax: {"limits": {"wall_time_ms": 20000}}
# answer: wall_at_most_ms=2500
import time

print("before the sleep", flush=True)
time.sleep(2)
print("ESCAPED slept through the limit")
