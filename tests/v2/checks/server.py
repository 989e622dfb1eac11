# SPDX-License-Identifier: Apache-2.0
"""
A server under cgroup v2, run by root and by an ordinary user with a delegated cgroup: limits stand in the
cgroup, hold, and go with the run.
"""

import concurrent.futures
import os
import pathlib
import threading
import time

from lib import host, manifest
from lib.client import Closed, wait_until
from lib.scenario import cases
from lib.server import Server, describe, gone

MIB = 1 << 20
RUNS = 200 if os.geteuid() == 0 else 60

# touches so many MiB and says so
TAKE = "import sys\nx = bytearray({mib} << 20)\nprint('took it')"
# a child takes too much; its parent and its brother, who see its end, would tell
TELL = ("import os\nr, w = os.pipe()\nif os.fork() == 0:\n x = []\n while True: x.append(bytearray(1 << 20))\n"
        "os.close(w)\nif os.fork() == 0:\n os.read(r, 1); print('a child lives', flush=True); os._exit(0)\n"
        "os.wait(); print('the parent lives', flush=True)")
FORK = ("import os, time\nn = 1\ntry:\n while n < 60:\n  if os.fork() == 0: time.sleep(30); os._exit(0)\n  n += 1\n"
        "except OSError: pass\nprint(n)")
SPIN = ("import os, time\nend = time.monotonic() + {seconds}\nfor _ in range(3):\n if os.fork() == 0: break\n"
        "while time.monotonic() < end: pass")

def _cgroups(server):
    """The directories of the slots."""
    return [pathlib.Path(path) for path in server.cgroups() if "/slot" in path]

def _read(path):
    try:
        return path.read_text().strip()
    except OSError:
        return None

def _walls(server):
    return {wall["name"]: wall for wall in server.get("/v1/capabilities").json["walls"]}

class _Running:
    """A run under way in a thread of its own."""

    def __init__(self, server, code, **fields):
        self.thread = threading.Thread(target=self._call, args=(server, code, fields))
        self.reply = None
        self.thread.start()

    def _call(self, server, code, fields):
        try:
            self.reply = server.execute("bash", code, **fields)
        except (Closed, OSError) as e:
            self.reply = e

    def join(self):
        self.thread.join(60)
        return self.reply

def every_wall_is_on_but_for_what_the_user_has_no_right_to(server):
    walls = _walls(server)
    print("\n".join(f"    {name}: {wall['state']} {wall['why']}" for name, wall in walls.items()))
    assert walls["cgroup"]["why"].startswith("cgroup v2: memory, pids, cpu"), walls["cgroup"]
    partial = "userns" if os.geteuid() == 0 else "uid"
    assert {name: wall["state"] for name, wall in walls.items() if wall["state"] != "on"} == {partial: "partial"}, walls

def every_runtime_of_the_image_says_its_hello(server):
    offered = [runtime for runtime in server.get("/v1/runtimes").json if runtime["versions"]]
    assert {"bash", "binary", "c", "javascript", "python"} == {runtime["id"] for runtime in offered}
    for runtime in offered:
        hello = manifest.hello_of(runtime["id"])
        result = server.run(runtime["id"], hello["code"])
        assert (result["status"], result["stdout"]) == ("ok", hello["output"]), result

def what_a_request_asks_for_stands_in_its_cgroup(server):
    limits = {"memory_bytes": 77 * MIB, "processes": 23}
    wanted = {"memory.max": str(77 * MIB), "memory.oom.group": "1", "pids.max": "24", "cpu.max": "100000 100000"}
    running = _Running(server, "sleep 5", limits=limits)

    def standing():
        """one slot's cgroup has these limits"""
        return any({name: _read(path / name) for name in wanted} == wanted for path in _cgroups(server))

    try:
        wait_until(standing)
        assert all(_read(path / "memory.swap.max") in ("0", None) for path in _cgroups(server))
    finally:
        running.join()

def a_run_sees_itself_at_the_root_of_the_cgroups(server):
    result = server.run("bash", "cat /proc/self/cgroup; ls /sys/fs/cgroup 2>/dev/null")
    assert result["stdout"] == "0::/\n", result

def memory_below_the_limit_is_there(server):
    result = server.run("python", TAKE.format(mib=40), limits={"memory_bytes": 64 * MIB})
    assert (result["status"], result["stdout"]) == ("ok", "took it\n"), result

def memory_beyond_the_limit_is_memory_limit(server):
    result = server.run("python", TAKE.format(mib=64), limits={"memory_bytes": 64 * MIB})
    assert (result["status"], result["stdout"], result["signal"]) == ("memory_limit", "", "SIGKILL"), result
    assert result["memory_peak_bytes"] <= 64 * MIB, result

def files_in_tmp_count_as_memory(server):
    code = "head -c 60M /dev/zero >/tmp/x; echo wrote it"
    result = server.run("bash", code, limits={"memory_bytes": 32 * MIB, "disk_bytes": 90 * MIB})
    assert result["status"] == "memory_limit", result

def when_memory_runs_out_the_whole_group_dies(server):
    result = server.run("python", TELL, limits={"memory_bytes": 96 * MIB})
    assert (result["status"], result["stdout"]) == ("memory_limit", ""), result

def the_memory_peak_is_what_was_used(server):
    result = server.run("python", TAKE.format(mib=100))
    assert 100 * MIB < result["memory_peak_bytes"] < 160 * MIB, result
    assert server.run("bash", "true")["memory_peak_bytes"] < 32 * MIB

@cases(7, 8, 40)
def exactly_so_many_processes_may_be(server, most):
    result = server.run("python", FORK, limits={"processes": most})
    assert result["stdout"] == f"{most}\n", result

def a_fork_bomb_ends_with_its_run(server):
    result = server.run("bash", "f() { f | f & f; }; f", limits={"processes": 40, "wall_time_ms": 3000})
    assert result["status"] != "ok", result
    wait_until(lambda: not [p for p in server.user_processes() if "main.sh" in host.command_line(p)
                            and not os.path.lexists(f"/proc/{p}/fd/100")])  # but for those that are parked

def cpu_time_is_that_of_all_processes_together(server):
    result = server.run("python", SPIN.format(seconds=20), limits={"cpu_time_ms": 1500, "wall_time_ms": 30000})
    assert result["status"] == "cpu_timeout" and 1450 <= result["cpu_time_ms"] < 3000, result

def wall_time_ends_what_sleeps(server):
    result = server.run("bash", "echo begun; sleep 60", limits={"wall_time_ms": 700})
    assert (result["status"], result["stdout"]) == ("wall_timeout", "begun\n"), result
    assert 700 <= result["wall_time_ms"] < 4000, result

def a_share_of_a_core_is_all_that_is_had():
    with Server({"cpu_milli_default": 300, "cpu_milli_max": 300}) as server:
        result = server.run("python", SPIN.format(seconds=5))
        share = result["cpu_time_ms"] / result["wall_time_ms"]
        print(f"    four processes had {share:.2f} of a core, limit 0.30")
        assert result["status"] == "ok" and 0.1 < share < 0.4, result

# --- nothing stays ---

def _measure(server):
    server.wait_idle()
    roles = server.roles()
    return {
        "processes": len(server.processes()),
        "cgroups": len(server.cgroups()),
        "mounts": host.mount_count(),
        "mounts of the spawner": host.mount_count(roles["spawner"]),
        **{f"descriptors of the {role}": host.fd_count(pid) for role, pid in roles.items()},
    }

def many_runs_leave_nothing():
    dirt = ["(setsid sleep 500 &); echo x >/tmp/x", "kill -9 $$", "yes | head -c 9000 >/dev/shm/y", "sleep 500 & exit 3"]
    with Server({"slots_ready": 4}) as server:
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            run = lambda i: server.execute("bash", dirt[i % len(dirt)]).status  # noqa: E731
            list(pool.map(run, range(16)))
            before = _measure(server)
            began = time.monotonic()
            statuses = set(pool.map(run, range(RUNS)))
        ended = time.monotonic()
        after = {}

        def as_before():
            """processes, cgroups, mounts and descriptors are as before the runs"""
            after.update(_measure(server))
            return after == before

        try:
            wait_until(as_before, 30, 0.5)
        finally:
            print(f"    {RUNS} runs in {ended - began:.1f} s, settled {time.monotonic() - ended:.1f} s later\n"
                  f"    before {before}\n    after  {after}")
        assert statuses == {200}, statuses

def a_killed_spawner_takes_its_jails_along_and_its_cgroups_are_cleared():
    with Server({"slots_ready": 2}) as server:
        running = [_Running(server, "sleep 50") for _ in range(3)]
        wait_until(lambda: server.metrics()["sandglass_jobs_running"] == 3)
        jailed, cgroups = server.user_processes(), _cgroups(server)
        server.wait_restarted("spawner", server.kill("spawner"), 60)
        replies = [r.join() for r in running]
        assert all(r.status == 503 and r.error["retryable"] for r in replies), replies
        assert gone(jailed), describe([p for p in jailed if host.is_alive(p)])
        assert server.run("bash", "echo again")["stdout"] == "again\n"
        stale = {p.name for p in cgroups} - {p.name for p in _cgroups(server)}
        assert len(cgroups) >= 3 and len(_cgroups(server)) <= len(cgroups), (cgroups, stale)
        depth = {len(p.parents) for p in cgroups} | {len(p.parents) for p in _cgroups(server)}
        assert len(depth) == 1, "the new spawner makes its cgroups elsewhere"

def after_the_end_of_a_server_no_cgroup_of_it_is_left():
    with Server() as server:
        server.run("bash", "true")
        assert _cgroups(server)
        assert server.stop() == 0
        assert not server.cgroups() and not server.processes()

def what_a_killed_server_left_is_cleared_by_the_next():
    with Server() as first:
        running = _Running(first, "sleep 50")
        wait_until(lambda: first.metrics()["sandglass_jobs_running"] == 1)
        processes = first.processes()
        first.process.kill()
        first.process.wait()
        assert gone(processes), describe([p for p in processes if host.is_alive(p)])
        left = first.cgroups()
        with Server() as second:
            assert second.run("bash", "echo ok")["stdout"] == "ok\n"
            assert not first.cgroups(), (left, first.cgroups())
        running.thread.join(30)
