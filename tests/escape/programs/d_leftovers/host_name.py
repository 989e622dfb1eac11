# SPDX-License-Identifier: Apache-2.0
# attack: T42 The host's name, and changing it.
# promise: 1
# without: UTSNS -> name
import os
import socket

escaped = 0
if socket.gethostname() == os.environ["ESC_HOSTNAME"]:
    escaped += 1
    print("ESCAPED the host's name is", socket.gethostname())
try:
    socket.sethostname("taken")
    escaped += 1
    print("ESCAPED name changed")
except OSError:
    pass
if not escaped:
    print("CONTAINED the name is", socket.gethostname())
