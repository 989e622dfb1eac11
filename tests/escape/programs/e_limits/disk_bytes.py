# SPDX-License-Identifier: Apache-2.0
# attack: T32 Disk, summed over every writable directory: 4 MiB in each under a limit of 8 MiB.
# promise: 3
# held: disk_bytes
# contained: ok|disk_limit
# request: {"limits": {"disk_bytes": 8388608}}
# relax: {"limits": {"disk_bytes": 67108864}}
import os

written = 0
for directory in ("/tmp", "/work", "/home", "/dev/shm", "/var/tmp", "/run"):
    try:
        with open(os.path.join(directory, "fill"), "wb", 0) as file:
            for step in range(64):
                written += file.write(b"x" * 65536)
    except OSError as error:
        print(directory, error.strerror)
if written > 8388608:
    print("ESCAPED wrote", written, "bytes")
else:
    print("CONTAINED wrote", written, "bytes")
