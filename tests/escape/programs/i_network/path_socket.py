# SPDX-License-Identifier: Apache-2.0
# attack: T55 A UNIX socket in the host's file system that everybody may write to, as docker.sock would be.
# promise: 1
# held: the pivot into the image; no build can leave it out
# plant: yes
import os
import socket
import sys

path = os.environ["ESC_UNIX"]
if len(sys.argv) > 1:
    path = "/tmp/planted"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(1)
for prefix in ("", "/proc/1/root", "/proc/self/root", "/proc/self/cwd/../../.."):
    with socket.socket(socket.AF_UNIX) as probe:
        error = probe.connect_ex(prefix + path)
        if error == 0:
            print("ESCAPED connected to", prefix + path)
            break
else:
    print("CONTAINED no socket of the host:", os.strerror(error))
