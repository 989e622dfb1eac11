# SPDX-License-Identifier: Apache-2.0
"""
Many runs in a loop leave nothing behind: no process, mount, cgroup, page of tmpfs or descriptor.
SANDGLASS_LEAK_RUNS sets how many (default 2000; `tests/run --full` makes 10000 of them).
"""

import concurrent.futures
import itertools
import os
import threading
import time

from lib import host
from lib.client import wait_until
from lib.scenario import Skip
from lib.server import Server

ALONE = True  # Shmem of /proc/meminfo is the whole machine's

RUNS = int(os.environ.get("SANDGLASS_LEAK_RUNS", "2000"))
PARALLEL = 8
PARKED = 4  # fewer than there are runtimes to park, so that there are always as many
FIELDS = ("processes", "cgroups", "mounts", "mounts of the spawner", "fds of the parent", "fds of the front", "fds of the spawner",
          "fds of the store", "Shmem KiB")

# what runs leave when nobody cleans up: files in every writable place, shared memory, orphans, sockets
DIRT = [
    ("bash", "head -c 300000 /dev/urandom > /tmp/x; cp /tmp/x /work/y; cp /tmp/x /dev/shm/z; echo $$", {}),
    ("bash", "(setsid sleep 500 &) ; (trap '' TERM; sleep 500) & echo left", {}),
    ("bash", "mkdir -p a/b/c/d/e; mkfifo a/f; ln -s /etc/passwd a/l; exit 3", {}),
    ("bash", "kill -9 $$", {}),
    ("bash", "sleep 60", {"limits": {"wall_time_ms": 20}}),
    ("bash", "yes", {"limits": {"output_bytes": 5000}}),
    ("bash", "cat", {"stdin": "x" * 100000}),
    ("bash", ": | sleep 300", {"leave": True}),
]
PYTHON_DIRT = ("import os, mmap, socket\nfd = os.memfd_create('x'); os.ftruncate(fd, 1 << 20); mmap.mmap(fd, 1 << 20).write(b'x' * (1 << 20))\n"
               "s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()\nu = socket.socket(socket.AF_UNIX); u.bind('/tmp/sock'); u.listen()\n"
               "os.fork() or os.setsid()\nprint('done')")


def _measure(server):
    server.wait_idle()
    wait_until(lambda: server.metrics()["sandglass_slots_parked"] == PARKED, within=30)
    roles = server.roles()
    return dict(zip(FIELDS, (
        len(server.processes()), len(server.cgroups()), host.mount_count(), host.mount_count(roles["spawner"]),
        *(host.fd_count(roles[r]) for r in ("parent", "front", "spawner", "store")), host.meminfo_kib("Shmem"))))


def _leave(server, code):
    """A caller who goes away without waiting."""
    with server.connect() as connection:
        connection.send(server.encoded("bash", code))
        time.sleep(0.005)


def _one(server, number):
    if number % 50 == 49:
        return server.execute("python", PYTHON_DIRT).status
    language, code, fields = DIRT[number % len(DIRT)]
    if fields.get("leave"):
        return _leave(server, code)
    return server.execute(language, code, **fields).status


def _loop(server, runs):
    numbers, lock, statuses = itertools.count(), threading.Lock(), set()

    def work():
        while True:
            with lock:
                number = next(numbers)
            if number >= runs:
                return
            statuses.add(_one(server, number))

    with concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
        for future in [pool.submit(work) for _ in range(PARALLEL)]:
            future.result()
    return statuses


def _settled(server, before):
    """Measured again until it is what it was: the kernel frees namespaces a little later."""
    deadline = time.monotonic() + 15
    while True:
        after = _measure(server)
        worse = {n: (before[n], after[n]) for n in FIELDS if after[n] > before[n] + (1024 if n == "Shmem KiB" else 0)}
        if not worse or time.monotonic() > deadline:
            return after, worse
        time.sleep(0.5)


def many_runs_leave_nothing_behind():
    with Server({"slots_ready": 8, "warm_slots_max": PARKED}) as server:
        assert _loop(server, 200) <= {200, None}  # buffers and tables grow once
        before = _measure(server)
        began = time.monotonic()
        statuses = _loop(server, RUNS)
        after, worse = _settled(server, before)
        print(f"{RUNS} runs, {PARALLEL} at a time, in {time.monotonic() - began:.0f} s:")
        for name in FIELDS:
            print(f"  {name:24} {before[name]:8} before {after[name]:8} after")
        assert statuses <= {200, None}, statuses
        assert not worse, worse
        roles = server.roles()
        assert server.stop() == 0 and not server.processes() and not server.cgroups()
        assert not any(map(host.is_alive, roles.values()))


def memory_of_the_roles_does_not_grow_with_runs():
    if "ASAN_OPTIONS" in os.environ:
        raise Skip("AddressSanitizer keeps freed memory for a while")
    with Server() as server:
        _loop(server, 300)
        before = {role: host.rss_kib(pid) for role, pid in server.roles().items()}
        _loop(server, 600)
        after = {role: host.rss_kib(pid) for role, pid in server.roles().items()}
        grown = {role: (before[role], after[role]) for role in before if after[role] > before[role] * 1.2 + 1024}
        assert not grown, grown
