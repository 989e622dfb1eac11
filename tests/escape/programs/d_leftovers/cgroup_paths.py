# SPDX-License-Identifier: Apache-2.0
# attack: T42 T44 Where on the host this run is accounted: cgroup paths, and cgroup files that could be written.
# promise: 1
# without: CGROUPNS -> path
import os

escaped = 0
for line in open("/proc/self/cgroup"):
    path = line.rstrip("\n").split(":", 2)[2]
    if path != "/":
        escaped += 1
        print("ESCAPED host path of the cgroup:", path)
for root in ("/sys/fs/cgroup", "/cgroup", "/sys"):
    if os.path.isdir(root) and os.listdir(root):
        escaped += 1
        print("ESCAPED", root, "is mounted")
if not escaped:
    print("CONTAINED the cgroup is / and no file of it is here")
