# SPDX-License-Identifier: Apache-2.0
# attack: T29 A run must not push what it takes into swap: the limit covers memory and swap together.
# promise: 3
# held: memory and swap together
# contained: memory_limit
# request: {"limits": {"memory_bytes": 67108864}}
# relax: {"limits": {"memory_bytes": 402653184}}
hoard = []
for step in range(160):
    hoard.append(bytearray(1 << 20))
    hoard[-1][::4096] = b"x" * 256
print("ESCAPED took", len(hoard), "MiB")
