# SPDX-License-Identifier: Apache-2.0
# attack: T42 What the kernel says about the program itself: capabilities, filter, groups, new privileges.
# promise: 1
# without: CAPS -> Cap
# without: NNP -> NoNewPrivs
# without: SECCOMP -> Seccomp
status = dict(line.rstrip("\n").split(":\t", 1) for line in open("/proc/self/status") if ":\t" in line)
WANTED = {"CapInh": "0" * 16, "CapPrm": "0" * 16, "CapEff": "0" * 16, "CapBnd": "0" * 16, "CapAmb": "0" * 16,
          "NoNewPrivs": "1", "Seccomp": "2", "Groups": ""}
escaped = 0
for name, value in WANTED.items():
    if status.get(name, "").strip() != value:
        escaped += 1
        print("ESCAPED", name, "is", status.get(name))
if "0" in status["Uid"].split() or "0" in status["Gid"].split():
    escaped += 1
    print("ESCAPED ids are", status["Uid"], status["Gid"])
if not escaped:
    print("CONTAINED no right is left; ids", status["Uid"].split()[0], status["Gid"].split()[0])
