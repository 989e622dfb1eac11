# SPDX-License-Identifier: Apache-2.0
# attack: T44 /sys, debugfs, cgroupfs, the host's devices: nothing of them is mounted.
# promise: 1
# held: nothing else is mounted
# plant: yes
import os
import sys

ALLOWED = {"tmpfs", "proc", "overlay", "ext4", "xfs", "btrfs", "erofs", "squashfs", "devtmpfs", "mqueue", "ext2", "ext3",
           "f2fs", "zfs", "fuseblk", "bcachefs", "devpts"}  # of the last: terminals_own.c
escaped = 0
for path in ("/proc/self" if len(sys.argv) > 1 else "/sys", "/sys/kernel/debug", "/sys/fs/cgroup", "/run/systemd", "/run/dbus", "/run/docker.sock", "/var/run/docker.sock"):
    try:
        names = os.listdir(path) if os.path.isdir(path) else os.path.exists(path)
    except OSError:
        continue
    if names:
        escaped += 1
        print("ESCAPED", path, names if names is True else names[:5])
for line in open("/proc/self/mountinfo"):
    kind = line.split(" - ")[1].split()[0]
    if kind not in ALLOWED:
        escaped += 1
        print("ESCAPED /sys-like file system", kind)
if not escaped:
    print("CONTAINED nothing of the host's kernel file systems is here")
