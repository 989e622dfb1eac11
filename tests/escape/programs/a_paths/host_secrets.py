# SPDX-License-Identifier: Apache-2.0
# attack: T1 T42 T65 Secrets of the host: /root, the server's state, keys, its environment.
# promise: 1
# held: the pivot into the image; no build can leave it out
# relax: {"env": {"ESC_CANARY_ROOT": "/work/canary"}, "files": [{"name": "canary", "content": "canary"}]}
import glob
import os

names = [os.environ["ESC_CANARY_ROOT"], "/etc/shadow", "/etc/gshadow", "/etc/ssh/ssh_host_ed25519_key"]
names += [os.path.join(os.environ["ESC_STATE_DIR"], n) for n in ("sandglass.db", "sandglass.sqlite", "db")]
names += glob.glob(os.environ["ESC_STATE_DIR"] + "/*") + glob.glob("/proc/[0-9]*/environ")
escaped = 0
for name in names:
    try:
        with open(name, "rb") as file:
            data = file.read(65536)
    except OSError:
        continue
    own = name == "/proc/%d/environ" % os.getpid()
    if not own and (b"canary" in data or b"$6$" in data or b"$y$" in data or b"SQLite" in data or b"PRIVATE" in data):
        escaped += 1
        print("ESCAPED read", name)
if not escaped:
    print("CONTAINED no secret of the host is readable (%d names)" % len(names))
