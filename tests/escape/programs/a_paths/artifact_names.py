# SPDX-License-Identifier: Apache-2.0
# attack: T1 T2 T3 T4 T5 Files that come back: links (absolute, relative, magic, in the middle of a name), hard links, FIFOs, sockets, a sparse terabyte, names that are no text, many and deep ones, one that is swapped all the time.
# promise: 1 3
# request: {"artifacts": true, "output_files": ["way/secret", "passwd"], "limits": {"wall_time_ms": 20000}}
# without: COLLECT -> link followed
# answer: wall_at_most_ms=25000
import os
import socket
import sys

SECRET = "ESCAPED link followed: a file that came back was reached by a link\n"
for name in ("secret", "other"):
    with open(name, "w") as file:
        file.write(SECRET)
os.makedirs("artifacts", exist_ok=True)
os.symlink("artifacts/../", "way")
os.symlink("/etc/passwd", "passwd")
for number, target in enumerate(("/work/secret", "../secret", "/etc/passwd", "/proc/self/root/work/secret", "/proc/1/root", "/proc/self/fd/0", "..", "/", "nowhere")):
    os.symlink(target, f"artifacts/link{number}")
os.link("other", "artifacts/hard")
os.mkfifo("artifacts/fifo")
socket.socket(socket.AF_UNIX).bind("artifacts/socket")
for name in (b"new\nline", b"\xff\xfe", b"\x1b[2J", b"n" * 255):
    open(b"artifacts/" + name, "w").close()
os.mkdir("artifacts/closed", 0)
try:
    with open("artifacts/sparse", "wb") as file:
        file.truncate(1 << 40)
except OSError:
    pass
os.makedirs("artifacts/" + "d/" * 100)
for number in range(3000):
    open(f"artifacts/d/{number}", "w").close()
if os.fork() == 0:
    os.setsid()
    for fd in (0, 1, 2):
        os.close(fd)
    while True:
        for name in ("swap", "swap2"):
            os.symlink("../secret", "artifacts/new")
            os.rename("artifacts/new", "artifacts/swap")
            open("artifacts/new", "w").close()
            os.rename("artifacts/new", "artifacts/swap")
print("CONTAINED if no file that comes back says otherwise")
sys.stdout.flush()
