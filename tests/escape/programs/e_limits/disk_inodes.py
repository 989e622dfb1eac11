# SPDX-License-Identifier: Apache-2.0
# attack: T32 Inodes: empty files until something says no.
# promise: 3
# held: inodes by disk_bytes
# contained: ok|disk_limit|memory_limit
# request: {"limits": {"disk_bytes": 1048576, "wall_time_ms": 20000}}
# relax: {"limits": {"disk_bytes": 1073741824, "memory_bytes": 1073741824}}
import os

made = 0
try:
    for number in range(60000):
        os.close(os.open("/tmp/%d" % number, os.O_CREAT | os.O_WRONLY))
        made += 1
except OSError as error:
    print("CONTAINED after", made, "files:", error.strerror)
else:
    print("ESCAPED made", made, "files in one megabyte of disk")
