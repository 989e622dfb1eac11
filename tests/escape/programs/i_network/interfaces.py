# SPDX-License-Identifier: Apache-2.0
# attack: T55 Interfaces and routes: none but a private loopback.
# promise: 1
# without: NETNS -> interface
import fcntl
import socket
import struct

probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
found = []
for index in range(1, 64):
    try:
        name = fcntl.ioctl(probe, 0x8910, struct.pack("16si12x", b"", index))  # SIOCGIFNAME
    except OSError:
        continue
    found.append(name[:16].rstrip(b"\0").decode())
try:
    found += [line.split(":")[0].strip() for line in open("/proc/net/dev").readlines()[2:]]
except OSError:
    pass
others = sorted(set(found) - {"lo"})
if others:
    print("ESCAPED interface", others)
else:
    print("CONTAINED interfaces:", sorted(set(found)))
