# SPDX-License-Identifier: Apache-2.0
"""What a server has on this machine: processes, cgroups, mounts, descriptors, memory."""

import os
import pathlib

PROC = pathlib.Path("/proc")
CGROUP = pathlib.Path("/sys/fs/cgroup")
UIDS_PER_SERVER = 5000


def _read(path):
    try:
        return pathlib.Path(path).read_text(errors="replace")
    except OSError:
        return ""


def _stat_fields(pid):
    """/proc/PID/stat behind the name: state, ppid, pgrp, session, ..."""
    return _read(PROC / str(pid) / "stat").rpartition(")")[2].split()


def pids():
    return [int(name) for name in os.listdir(PROC) if name.isdigit()]


def parent_of(pid):
    fields = _stat_fields(pid)
    return int(fields[1]) if len(fields) > 1 else 0


def is_alive(pid):
    fields = _stat_fields(pid)
    return bool(fields) and fields[0] not in "ZX"


def status_of(pid):
    lines = (line.partition(":") for line in _read(PROC / str(pid) / "status").splitlines())
    return {name: value.strip() for name, _, value in lines}


def pid_in_jail(pid):
    """Its number in the innermost pid namespace, None outside of all or when it is gone: proc_pid_status(5)."""
    numbers = status_of(pid).get("NSpid", "").split()
    return int(numbers[-1]) if len(numbers) > 1 else None


def children_of(pid):
    return [child for child in pids() if parent_of(child) == pid]


def descendants_of(pid):
    parents = {}
    for child in pids():
        parents.setdefault(parent_of(child), []).append(child)
    found, todo = [], [pid]
    while todo:
        found += (more := parents.get(todo.pop(), []))
        todo += more
    return found


def _belongs(pid, session, uid_base, cgroup_mark):
    fields = _stat_fields(pid)
    if session and len(fields) > 3 and int(fields[3]) == session:
        return True
    uid = status_of(pid).get("Uid", "").split()
    if uid and uid_base <= int(uid[0]) < uid_base + UIDS_PER_SERVER:
        return True
    return bool(cgroup_mark) and cgroup_mark in _read(PROC / str(pid) / "cgroup")


def processes_of(session, uid_base, cgroup_mark=""):
    """Everything of one server, also what lost its parent: by session, by uid, by cgroup."""
    return [pid for pid in pids() if _belongs(pid, session, uid_base, cgroup_mark)]


def command_line(pid):
    return _read(PROC / str(pid) / "cmdline").replace("\0", " ").strip() or _read(PROC / str(pid) / "comm").strip()


def cgroups_below(name):
    """Directories of this name, and below them, in every cgroup hierarchy."""
    found = []
    for top, dirs, _ in os.walk(CGROUP):
        found += [os.path.join(top, d) for d in dirs if name in os.path.join(top, d).split("/")]
    return sorted(found)


def mount_count(pid="self"):
    return len(_read(PROC / str(pid) / "mountinfo").splitlines())


def fd_count(pid):
    try:
        return len(os.listdir(PROC / str(pid) / "fd"))
    except OSError:
        return 0


def meminfo_kib(name):
    for line in _read("/proc/meminfo").splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    raise KeyError(name)


def shmem_kib(cgroup):
    """Pages of tmpfs and shared memory charged to the cgroup of this name and all below it, those that are gone included."""
    for directory in cgroups_below(cgroup):
        stat = pathlib.Path(directory, "memory.stat")
        if os.path.basename(directory) == cgroup and stat.exists():
            rows = dict(line.split() for line in stat.read_text().splitlines())
            return int(rows.get("total_shmem", rows["shmem"])) // 1024  # cgroup v1, v2
    raise KeyError(cgroup)


def rss_kib(pid):
    return int(status_of(pid).get("VmRSS", "0 kB").split()[0])


def rss_peak_kib(pid):
    return int(status_of(pid).get("VmHWM", "0 kB").split()[0])


def cpu_ticks(pid):
    """User and system time of a process and of the children it has waited for."""
    fields = _stat_fields(pid)
    return sum(map(int, fields[11:15])) if fields else 0
