# SPDX-License-Identifier: Apache-2.0
# attack: T42 Paths of the host in what a program may read about itself: mountinfo, mounts, cgroup, cmdline, exe, maps.
# promise: 1
# held: the pivot into the image
# plant: yes
import os
import sys

secrets = [os.environ["ESC_STATE_DIR"], os.environ["ESC_BUILD_DIR"]]
if len(sys.argv) > 1:
    secrets.append("python")  # which /proc/self/exe does show
escaped = 0
for name in ("mountinfo", "mounts", "mountstats", "cgroup", "cmdline", "maps", "smaps", "environ", "status", "exe", "cwd", "root"):
    path = "/proc/self/" + name
    try:
        text = os.readlink(path) if os.path.islink(path) else open(path, errors="replace").read()
    except OSError:
        continue
    if name == "environ":
        text = "\0".join(item for item in text.split("\0") if not item.startswith("ESC_"))
    for secret in secrets:
        if secret and secret in text:
            escaped += 1
            print("ESCAPED", name, "shows", secret)
if not escaped:
    print("CONTAINED no path of the host is shown")
