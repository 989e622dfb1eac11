# SPDX-License-Identifier: Apache-2.0
# attack: T22 A POSIX message queue of the host.
# promise: 1
# without: IPCNS,LANDLOCK -> opened
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
queue = libc.mq_open(os.environ["ESC_MQ"].encode(), os.O_RDONLY)
if queue >= 0:
    print("ESCAPED opened the host's queue")
else:
    print("CONTAINED the host's queue is not there:", os.strerror(ctypes.get_errno()))
