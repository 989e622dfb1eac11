# SPDX-License-Identifier: Apache-2.0
# attack: T24 T42 The program's ids: never root, never anybody's on the host, never those of a run at the same time.
# promise: 1 2
# without: UID -> (root|id)
# distinct: ID (\d+)
import os
import time

ids = os.getresuid() + os.getresgid()
print("ID", os.getuid())
if 0 in ids:
    print("ESCAPED runs as root", ids)
elif min(ids) < 65536 and open("/proc/self/uid_map").read().split() == ["0", "0", "4294967295"]:
    print("ESCAPED an id of the host's", ids)
else:
    print("CONTAINED ids", ids)
time.sleep(0.4)
