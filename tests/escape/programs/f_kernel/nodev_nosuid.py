# SPDX-License-Identifier: Apache-2.0
# attack: T9 Mount flags of every place: nosuid everywhere, nodev but on /dev, read-only but for the private directories.
# promise: 1
# held: flags of every mount
# plant: yes
import os
import sys

WRITABLE = ("/tmp", "/work", "/mnt", "/home", "/dev/shm") if len(sys.argv) == 1 else ("/none",)
escaped = 0
for line in open("/proc/self/mountinfo"):
    fields = line.split()
    path, options = fields[4], fields[5].split(",")
    superblock = fields[-1].split(",")
    missing = [flag for flag in ("nosuid",) if flag not in options]
    if "nodev" not in options and not path.startswith("/dev"):
        missing.append("nodev")
    if "ro" not in options and "ro" not in superblock and not path.startswith(WRITABLE + ("/proc", "/dev")):
        missing.append("ro")
    if missing:
        escaped += 1
        print("ESCAPED mount", path, "lacks", missing)
for path in ("/tmp", "/work", "/mnt", "/home", "/dev/shm"):
    if not os.path.isdir(path):
        print("no", path)
if not escaped:
    print("CONTAINED every mount has its flags")
