# SPDX-License-Identifier: Apache-2.0
# attack: T22 Looks for the marks that an earlier run (marks_make.py) left.
# promise: 2
# without: IPCNS -> (shm|sem|msg)
# without: MOUNTNS -> (file|not empty)
# after: marks_make.py
import ctypes
import os
import resource
import signal
import socket

MARK = "sandglass-mark"
libc = ctypes.CDLL(None, use_errno=True)
found = []

for directory in ("/tmp", "/dev/shm", "/work", "/mnt", "/home", "/var/tmp", "/run", "/run/lock", "/dev/mqueue", "/etc", "/"):
    if os.path.lexists(os.path.join(directory, MARK)):
        found.append("file " + directory)
for directory in ("/tmp", "/dev/shm", "/home"):
    if os.path.isdir(directory) and os.listdir(directory):
        found.append("not empty: %s %s" % (directory, os.listdir(directory)))
for what, call, args in (("shm", libc.shmget, (0x5347, 1, 0)), ("sem", libc.semget, (0x5347, 1, 0)),
                         ("msg", libc.msgget, (0x5347, 0)),
                         ("mq", libc.mq_open, (b"/" + MARK.encode(), os.O_RDONLY))):
    if call(*args) >= 0:
        found.append(what)
if libc.syscall(249, b"user", MARK.encode(), None, 0) >= 0:
    found.append("keyring")
probe = socket.socket(socket.AF_UNIX)
if probe.connect_ex("\0" + MARK) == 0:
    found.append("abstract socket")
if os.nice(0) != 0:
    found.append("nice")
if open("/proc/self/oom_score_adj").read().strip() == "900":
    found.append("oom_score_adj")
if os.umask(0o22) == 0o777:
    found.append("umask")
if signal.getitimer(signal.ITIMER_REAL)[0] != 0:
    found.append("timer")
if socket.gethostname() == MARK:
    found.append("host name")
others = [pid for pid in os.listdir("/proc") if pid.isdigit() and int(pid) not in (1, os.getpid(), os.getppid())]
if others:
    found.append("processes %s" % others)
for mark in found:
    print("ESCAPED mark of an earlier run:", mark)
if not found:
    print("CONTAINED nothing of an earlier run is here")
