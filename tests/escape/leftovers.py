# SPDX-License-Identifier: Apache-2.0
"""What the host has before and after: whatever a run could leave behind, looked at from outside, as root."""
import glob
import hashlib
import os
import stat
import time

from lib import host
from setup import BAIT_KEY

SETTLE_S = 8


def processes_named(name):
    """Living processes of this name, wherever they are."""
    return [pid for pid in host.pids() if host.is_alive(pid) and host.status_of(pid).get("Name") == name[:15]]


def mounts():
    """The host's own mounts, but for those that others make meanwhile where people mount things."""
    with open("/proc/self/mountinfo") as file:
        return {line.split(" ", 1)[1].strip() for line in file if not _is_foreign(line)}


def _is_foreign(line):
    """The kernel mounts tracefs by itself when somebody looks into debugfs."""
    path = line.split()[4]
    return " - tracefs " in line or (path.startswith(("/tmp/", "/var/tmp/", "/mnt/", "/media/")) and "sandglass" not in path)


def sysv_objects():
    """All but the bait of suites that run at the same time (setup.py)."""
    found = set()
    for kind in ("shm", "sem", "msg"):
        with open("/proc/sysvipc/" + kind) as file:
            rows = [line.split()[:2] for line in file.readlines()[1:]]
        found.update("%s %s %s" % (kind, key, number) for key, number in rows if int(key) >> 16 != BAIT_KEY >> 16)
    return found


def key_owners(targets):
    """Ids of the servers' ranges that the kernel holds keys for: a user's ring outlives his processes."""
    found = set()
    with open("/proc/key-users") as file:
        for line in file:
            uid = int(line.split(":")[0])
            if any(target.uid_base <= uid < target.uid_base + host.UIDS_PER_SERVER for target in targets):
                found.add(uid)
    return found


def abstract_sockets():
    with open("/proc/net/unix") as file:
        return {line.split()[-1] for line in file if "@sandglass" in line}


def descriptors(target):
    return {role: host.fd_count(pid) for role, pid in target.roles().items()}


def sockets(pid):
    """What the TCP sockets of a process are doing: local address, peer, state (include/net/tcp_states.h)."""
    inodes = set()
    for name in os.listdir("/proc/%d/fd" % pid):
        try:
            inodes.add(os.readlink("/proc/%d/fd/%s" % (pid, name)).strip("socket:[]"))
        except OSError:
            pass
    with open("/proc/net/tcp") as file:
        rows = [line.split() for line in file.readlines()[1:]]
    return ["%s %s %s" % tuple(row[1:4]) for row in rows if row[9] in inodes]


class Snapshot:
    """All of it at one moment, while no server of ours runs."""

    def __init__(self, setup):
        self.setup = setup
        self.things = {
            "process": {pid for target in setup.targets for pid in target.processes()} | self._marked_processes(),
            "mount": mounts(),
            "cgroup": {path for target in setup.targets for path in target.cgroups()},
            "System V object": sysv_objects(),
            "file": set(glob.glob("/dev/mqueue/*") + glob.glob("/dev/shm/*") + glob.glob("/tmp/sandglass-mark*")
                        + glob.glob("/var/tmp/sandglass-mark*")),
            "key": key_owners(setup.targets),
            "abstract socket": abstract_sockets(),
        }
        self.shmem = host.meminfo_kib("Shmem")

    @staticmethod
    def _marked_processes():
        return {pid for pid in host.pids() if host.status_of(pid).get("Name", "").startswith("sgesc-")}

    def left_behind(self, shmem_slack_kib=65536, settle_s=SETTLE_S):
        """Texts of what is there now and was not then; what goes away within SETTLE_S does not count."""
        deadline = time.monotonic() + settle_s
        while True:
            now = Snapshot(self.setup)
            left = ["%s: %s" % (kind, thing) for kind, things in now.things.items()
                    for thing in sorted(map(str, things - self.things[kind]))]
            if now.shmem > self.shmem + shmem_slack_kib:
                left.append("shared memory: %d KiB more" % (now.shmem - self.shmem))
            if not left or time.monotonic() > deadline:
                return left
            time.sleep(0.25)


def hash_tree(root):
    """One hash over names, modes and contents. Reads through the page cache, which is what an attack would change."""
    total = hashlib.blake2b()
    for top, folders, names in os.walk(root):
        folders.sort()
        if top == root:
            folders[:] = [name for name in folders if name not in ("proc", "sys", "dev", "tmp", "run", "work", "home")]
        for name in sorted(names):
            path = os.path.join(top, name)
            found = os.lstat(path)
            total.update(b"%s %o %d %d\n" % (os.fsencode(path), found.st_mode, found.st_uid, found.st_size))
            if stat.S_ISREG(found.st_mode):
                with open(path, "rb") as file:
                    for block in iter(lambda: file.read(1 << 20), b""):
                        total.update(block)
    return total.hexdigest()


def hash_images(setup):
    """{image: hash} of every root tree; without an image, of the host's programs and libraries."""
    roots = sorted(glob.glob(os.path.join(setup.image_dir, "*", "root"))) or ["/usr/bin", "/usr/lib/x86_64-linux-gnu"]
    return {root: hash_tree(root) for root in roots}
