# SPDX-License-Identifier: Apache-2.0
# attack: T9 T44 Devices that are already there: anything in /dev beyond the harmless few.
# promise: 1
# held: the jail's own /dev; no build can leave it out
# plant: yes
import os
import stat
import sys

ALLOWED = {(1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 2)}  # null zero full random urandom tty ptmx
if len(sys.argv) > 1:
    ALLOWED.clear()  # planted: then /dev/null itself is one too many
escaped = 0
for top, _, names in os.walk("/dev"):
    for name in names:
        path = os.path.join(top, name)
        try:
            found = os.lstat(path)
        except OSError:
            continue
        if not (stat.S_ISCHR(found.st_mode) or stat.S_ISBLK(found.st_mode)):
            continue
        number = (os.major(found.st_rdev), os.minor(found.st_rdev))
        if number not in ALLOWED:
            escaped += 1
            print("ESCAPED device", path, number)
if not escaped:
    print("CONTAINED /dev has nothing but", sorted(os.listdir("/dev")))
