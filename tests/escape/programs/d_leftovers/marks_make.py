# SPDX-License-Identifier: Apache-2.0
# attack: T22 Leaves a mark in every place that a later run could look at; marks_find.py looks.
# promise: 2
# held: a jail is used once
import ctypes
import os
import resource
import signal
import socket
import sys

MARK = "sandglass-mark"
libc = ctypes.CDLL(None, use_errno=True)
left = []


def leave(what, function):
    try:
        function()
        left.append(what)
    except (OSError, ValueError) as error:
        print("could not leave", what, error)


def write(path):
    with open(path, "w") as file:
        file.write(MARK)


def sysv(call, *args):
    if call(*args) < 0:
        raise OSError(ctypes.get_errno(), "refused")


for directory in ("/tmp", "/dev/shm", "/work", "/mnt", "/home", "/var/tmp", "/run", "/run/lock", "/dev/mqueue", "/etc", "/"):
    leave(directory, lambda: write(os.path.join(directory, MARK)))
leave("shm", lambda: sysv(libc.shmget, 0x5347, 4096, 0o1666))
leave("sem", lambda: sysv(libc.semget, 0x5347, 1, 0o1666))
leave("msg", lambda: sysv(libc.msgget, 0x5347, 0o1666))
leave("mq", lambda: sysv(libc.mq_open, b"/" + MARK.encode(), os.O_CREAT | os.O_RDWR, 0o666, None))
leave("nice", lambda: os.nice(7))
leave("oom", lambda: open("/proc/self/oom_score_adj", "w").write("900"))
leave("umask", lambda: os.umask(0o777))
leave("rlimit", lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)))
leave("timer", lambda: signal.setitimer(signal.ITIMER_REAL, 3000))
leave("hostname", lambda: socket.sethostname(MARK))
leave("keyring", lambda: sysv(libc.syscall, 248, b"user", MARK.encode(), MARK.encode(), 14, -4))
if os.fork() == 0:
    os.setsid()
    held = socket.socket(socket.AF_UNIX)
    held.bind("\0" + MARK)
    held.listen(1)
    os.close(1)
    os.close(2)
    signal.alarm(30)
    signal.pause()
print("CONTAINED left", " ".join(left))
sys.stdout.flush()
os._exit(0)
