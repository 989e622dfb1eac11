# SPDX-License-Identifier: Apache-2.0
# attack: T14 T50 Variables that make an interpreter run a file first (PYTHONPATH, sitecustomize): the file runs, behind every wall.
# promise: 7
# request: {"env": {"PYTHONPATH": "/work", "PYTHONSTARTUP": "/work/sitecustomize.py", "BASH_ENV": "/work/x", "LD_LIBRARY_PATH": "/work"}, "files": [{"name": "sitecustomize.py", "content": "import builtins\nbuiltins.EARLY = open('/proc/self/status').read()\n"}]}
# without: CAPS -> CapBnd
# without: SECCOMP -> Seccomp
# without: NNP -> NoNewPrivs
import builtins

early = getattr(builtins, "EARLY", None)
if early is None:  # the host image's own sitecustomize may come first: then look at the present
    early = open("/proc/self/status").read()
status = dict(line.split(":\t", 1) for line in early.splitlines() if ":\t" in line)
WANTED = {"Seccomp": "2", "NoNewPrivs": "1", "CapEff": "0" * 16, "CapPrm": "0" * 16, "CapBnd": "0" * 16,
          "CapInh": "0" * 16, "CapAmb": "0" * 16}
wrong = [name for name, value in WANTED.items() if status.get(name, "").strip() != value]
if "0" in status["Uid"].split():
    wrong.append("Uid")
for name in wrong:
    print("ESCAPED ran before the wall:", name, status.get(name, "").strip())
if not wrong:
    print("CONTAINED the earliest code of the user's already stands behind every wall")
