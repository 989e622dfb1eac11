# SPDX-License-Identifier: Apache-2.0
# attack: T34 A Python that asks for more than its limit ends with a clear status, not with an error of the server's.
# promise: 3
# held: memory_bytes
# contained: memory_limit|error
# request: {"limits": {"memory_bytes": 50331648}}
# relax: {"limits": {"memory_bytes": 402653184}}
text = "x" * (128 << 20)
print("ESCAPED took", len(text) >> 20, "MiB")
