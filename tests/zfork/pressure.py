# SPDX-License-Identifier: Apache-2.0
"""Want of processor time and of memory, for this process and all that it starts from then on."""

import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile
import time

CGROUP = pathlib.Path("/sys/fs/cgroup")
SPIN = "while True: pass"
READ = "import sys\nfile, piece = open(sys.argv[1], 'rb', 0), bytearray(1 << 20)\nwhile True:\n while file.readinto(piece): pass\n file.seek(0)"


@contextlib.contextmanager
def busy(number):
    """So many processes that want the processors all the time."""
    processes = [subprocess.Popen([sys.executable, "-c", SPIN]) for _ in range(number)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _hierarchy():
    """Where memory is limited, what /proc/self/cgroup calls it, the file of the limit and that of how often it was met: v1's or v2's."""
    if (CGROUP / "memory").is_dir():
        return CGROUP / "memory", "memory", "memory.limit_in_bytes", "memory.failcnt"
    return CGROUP, "", "memory.max", "memory.events"


def _own_group(top, controller):
    """Where this process is now."""
    rows = [line.split(":", 2) for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines()]
    return next(top / path.lstrip("/") for _, controllers, path in rows if controller in controllers.split(","))


def _times_met(file):
    """v1 has the number alone, v2 a line `max NUMBER` among others."""
    words = file.read_text().split()
    return int(words[words.index("max") + 1] if "max" in words else words[0])


def _remove(group):
    """It is busy for a moment after its last process."""
    for _ in range(100):
        try:
            return group.rmdir()
        except OSError:
            time.sleep(.05)
    return group.rmdir()


@contextlib.contextmanager
def scarce(mib):
    """
    At most so many MiB for all of it, of which a reader of a file of holes twice as large takes what it can: every page
    that somebody wants has to be taken from somebody. 0: as much as there is. Fails if the limit was never met.
    """
    if not mib:
        yield
        return
    top, controller, limit, met = _hierarchy()
    before = _own_group(top, controller)
    group = top / f"zfork.{os.getpid()}"
    group.mkdir()
    (group / limit).write_text(str(mib << 20))
    (group / "cgroup.procs").write_text("0")
    with tempfile.NamedTemporaryFile(dir="/var/tmp") as holes:
        holes.truncate(2 * mib << 20)
        reader = subprocess.Popen([sys.executable, "-c", READ, holes.name])
        try:
            yield
        finally:
            reader.kill()
            reader.wait()
            times = _times_met(group / met)
            (before / "cgroup.procs").write_text("0")
            _remove(group)
    if not times:
        raise RuntimeError(f"{mib} MiB were enough for everything: no pressure")
    print(f"memory: its limit of {mib} MiB was met {times} times")
