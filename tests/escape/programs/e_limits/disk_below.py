# SPDX-License-Identifier: Apache-2.0
# attack: T32 The disk limit from below: 7 MiB of a limit of 8 MiB are the program's right.
# promise: 3
# held: disk_bytes
# request: {"limits": {"disk_bytes": 8388608}}
# relax: {"limits": {"disk_bytes": 4194304}}
# relaxed: disk_limit|error|ok
try:
    with open("/tmp/fill", "wb", 0) as file:
        for step in range(112):
            if file.write(b"x" * 65536) != 65536:
                raise OSError("short write")
    print("CONTAINED 7 MiB fit below 8 MiB")
except OSError as error:
    print("ESCAPED what was promised is refused:", error)
