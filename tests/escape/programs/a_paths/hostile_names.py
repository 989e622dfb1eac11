# SPDX-License-Identifier: Apache-2.0
# attack: T4 T10 Names that break whoever cleans up: newlines, invalid UTF-8, 255 bytes, depth 2000, FIFOs, sockets, mode 0.
# promise: 2
# held: the tmpfs ends with the jail; nobody walks it
# after: hostile_names.py
# without: MOUNTNS -> names
import os
import socket
import sys

if os.path.lexists("/work/fifo"):
    print("ESCAPED names of an earlier run are still here")
    sys.exit(0)
made = 0
os.chdir("/work")
for name in (b"new\nline", b"\xff\xfe", b"n" * 255, b"-rf", b" ", b"$(reboot)", b"\x1b[2J", b"*"):
    with open(name, "wb") as file:
        file.write(b"x")
    os.chmod(name, 0)
    made += 1
os.mkfifo("fifo")
listener = socket.socket(socket.AF_UNIX)
listener.bind("socket")
for depth in range(2000):
    os.mkdir("d")
    os.chdir("d")
    made += 1
with open("/tmp/sparse", "wb") as file:
    file.truncate(1 << 20)
print("CONTAINED made", made, "names")
