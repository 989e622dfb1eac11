# SPDX-License-Identifier: Apache-2.0
"""The host before and after: the search for leftovers, and the proof that it would find some."""
import ctypes
import os
import signal
import subprocess
import sys
import time

import leftovers
from judge import Problem, need, until
from lib import host
from lib.client import wait_until


def self_test(setup):
    """Plants one thing of each kind, finds them all, takes them away, finds none."""
    before = leftovers.Snapshot(setup)
    libc = ctypes.CDLL(None, use_errno=True)
    name = os.path.join(setup.scratch, "mount")
    os.mkdir(name)
    need(libc.mount(b"none", name.encode(), b"tmpfs", 0, None) == 0, "cannot mount: errno %d", ctypes.get_errno())
    shm = libc.shmget(0, 4096, 0o1600)
    path = "/dev/shm/sandglass-mark-%d" % os.getpid()
    with open(path, "wb") as file:
        file.write(b"x" * (96 << 20))
    process = subprocess.Popen([sys.executable, "-c", "import ctypes,time\nctypes.CDLL(None).prctl(15, b'sgesc-planted')\ntime.sleep(60)"])
    try:
        until(lambda: leftovers.processes_named("sgesc-planted"), 5, "the planted process did not start")
        found = before.left_behind(settle_s=0)
        for kind in ("mount", "System V object", "file", "process", "shared memory"):
            need(any(text.startswith(kind) for text in found), "the planted %s is not found: %s", kind, found)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        os.unlink(path)
        libc.shmctl(shm, 0, None)
        libc.umount2(name.encode(), 0)
        os.rmdir(name)
    left = before.left_behind()
    need(not left, "left after the self test: %s", left)
    return "found %d planted things" % len(found)


class ServerState:
    """A running server at rest: its descriptors, processes, cgroups and mounts."""

    def __init__(self, server):
        self.server = server
        server.wait_idle()
        time.sleep(1)  # for the end of the connection that has just asked
        self.before = self._look()

    def _look(self):
        return {
            "descriptors": leftovers.descriptors(self.server),
            "processes": len(self.server.lasting_processes()),
            "cgroups": len(self.server.cgroups()),
            "mounts": {role: host.mount_count(self.server.roles()[role]) for role in ("front", "spawner", "store")},
        }

    def check(self):
        """Jails that stand ready come and go, and some were made for callers who left: once a minute these are taken down."""
        self.server.wait_idle()
        try:
            wait_until(lambda: self._look() == self.before, 70)
        except AssertionError:
            raise Problem("before: %s, now: %s, TCP of the front: %s" % (
                self.before, self._look(), leftovers.sockets(self.server.roles()["front"]))) from None
        return "descriptors %(descriptors)s, processes %(processes)s, cgroups %(cgroups)s as before" % self.before


def check_nothing_left(before, with_keys):
    """A run without the wall around key rings leaves one for some minutes, which is what that wall is for."""
    left = [text for text in before.left_behind() if with_keys or not text.startswith("key: ")]
    need(not left, "%s", "; ".join(left[:20]))
    return "no process, mount, cgroup, System V object, file, key, socket or shared memory"


def check_images(setup, hashes):
    now = leftovers.hash_images(setup)
    changed = [root for root in hashes if now.get(root) != hashes[root]]
    need(not changed, "changed: %s", ", ".join(changed))
    return ", ".join(sorted(hashes))
