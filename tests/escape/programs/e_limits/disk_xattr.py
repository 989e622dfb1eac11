# SPDX-License-Identifier: Apache-2.0
# attack: T32 Extended attributes, which no block count sees: bounded or refused.
# promise: 3
# held: the policy refuses setxattr
# contained: ok|memory_limit|disk_limit
# request: {"limits": {"memory_bytes": 67108864}}
# plant: yes
import os
import sys

stored = 0
try:
    for number in range(3000):
        path = "/tmp/%d" % (number // 2)
        open(path, "a").close()
        os.setxattr(path, "user.sandglass%d" % (number % 2), b"x" * 60000)
        stored += 60000
except OSError as error:
    print("refused:", error.strerror)
if stored > (64 << 20) or len(sys.argv) > 1:
    print("ESCAPED stored", stored)
else:
    print("CONTAINED stored", stored)
