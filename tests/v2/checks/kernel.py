# SPDX-License-Identifier: Apache-2.0
"""The guest is such a host as the other checks are about: what Sandglass takes from a kernel with cgroup v2."""

import ctypes
import os
import pathlib
import signal
import struct
import subprocess

LIBC = ctypes.CDLL(None, use_errno=True)
CGROUP = pathlib.Path("/sys/fs/cgroup")

SYS_CLONE3 = 435
SYS_LANDLOCK_CREATE_RULESET = 444
LANDLOCK_CREATE_RULESET_VERSION = 1
CLONE_INTO_CGROUP = 0x200000000
CLONE_NEWNS = 0x20000
MS_REC_PRIVATE = 0x44000
MS_NOSYMFOLLOW = 256


def _in_child(function):
    """The exit code of a forked child that runs the function; 99 when it raises."""
    pid = os.fork()
    if pid == 0:
        try:
            os._exit(function() or 0)
        finally:
            os._exit(99)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _made_cgroup(name):
    path = CGROUP / name
    path.mkdir()
    return path


def there_is_cgroup_v2_and_no_v1():
    mounts = pathlib.Path("/proc/self/mountinfo").read_text().splitlines()
    types = {line.split(" - ")[1].split()[0] for line in mounts}
    assert "cgroup2" in types and "cgroup" not in types, types
    controllers = set((CGROUP / "cgroup.controllers").read_text().split())
    assert {"memory", "pids", "cpu"} <= controllers, controllers


def a_process_can_be_born_in_a_cgroup_and_dies_with_it():
    path = _made_cgroup("born")
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    # struct clone_args: flags, pidfd, child_tid, parent_tid, exit_signal, stack, size, tls, set_tid, size, cgroup
    arguments = struct.pack("11Q", CLONE_INTO_CGROUP, 0, 0, 0, signal.SIGCHLD, 0, 0, 0, 0, 0, directory)
    pid = LIBC.syscall(SYS_CLONE3, arguments, len(arguments))
    if pid == 0:
        while True:
            signal.pause()
    assert pid > 0, os.strerror(ctypes.get_errno())
    assert (path / "cgroup.procs").read_text().split() == [str(pid)]
    (path / "cgroup.kill").write_text("1")
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
    path.rmdir()


def a_cgroup_has_the_files_that_limits_are_written_to():
    path = _made_cgroup("files")
    wanted = {"memory.max", "memory.swap.max", "memory.oom.group", "memory.peak", "memory.events", "pids.max",
              "pids.events", "cpu.max", "cpu.stat", "cgroup.kill", "cgroup.events"}
    missing = wanted - set(os.listdir(path))
    path.rmdir()
    # memory.swap.max is there only where swap is accounted
    assert not missing, missing


def there_is_landlock():
    abi = LIBC.syscall(SYS_LANDLOCK_CREATE_RULESET, None, 0, LANDLOCK_CREATE_RULESET_VERSION)
    print(f"    Landlock ABI {abi}, Linux {os.uname().release}")
    assert abi >= 1, os.strerror(ctypes.get_errno())


def symbolic_links_can_be_switched_off_for_a_mount():
    def child():
        assert LIBC.unshare(CLONE_NEWNS) == 0
        assert LIBC.mount(None, b"/", None, MS_REC_PRIVATE, None) == 0
        assert LIBC.mount(b"none", b"/mnt", b"tmpfs", MS_NOSYMFOLLOW, None) == 0
        os.symlink("/etc/passwd", "/mnt/link")
        try:
            os.open("/mnt/link", os.O_RDONLY)
        except OSError as e:
            return 0 if e.errno == 40 else 1
        return 2

    assert _in_child(child) == 0


def an_ordinary_user_may_make_user_namespaces():
    done = subprocess.run(["setpriv", "--reuid", "judge", "--regid", "judge", "--clear-groups", "unshare", "--user",
                           "--map-root-user", "--mount", "--pid", "--net", "--ipc", "--uts", "--cgroup", "--fork",
                           "true"], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
