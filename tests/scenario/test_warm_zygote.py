# SPDX-License-Identifier: Apache-2.0
"""Interpreters that are forked from a zygote into jails: as good as parked ones, replaced in time, given up with a reason."""

import concurrent.futures
import contextlib
import os
import re
import shutil
import signal
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

from lib import host, paths
from lib.client import wait_until
from lib.scenario import Skip, cases
from lib.server import Server

HASH = "print(hash('text'))\n"
SEED_RUNS = int(os.environ.get("SANDGLASS_SEED_RUNS", "300"))


def _way(server, language="python"):
    rows = server.get("/v1/capabilities").json["warm"]["runtimes"]
    return next((row["way"], row["why"]) for row in rows if row["id"] == language)


def _zygotes(server):
    """Interpreters outside of the jails' pid namespaces, as root."""
    ours = os.stat("/proc/self/ns/pid").st_ino
    return [p for p in server.user_processes() if "main.py" in host.command_line(p)
            and os.stat(f"/proc/{p}/ns/pid").st_ino == ours]


def _filled(server, slots=2):  # one in each of Python's two pools
    wait_until(lambda: _way(server)[0] == "zygote" and server.metrics()["sandglass_slots_forked_total"] >= slots, within=60)


def _warm(server):
    return server.metrics()["sandglass_runs_warm_total"]


def pools_of_python_are_filled_by_forks_and_others_are_not():
    with Server({"slots_ready": 2}) as server:
        _filled(server)
        result = server.run("python", "import os\nprint(os.getpid(), os.getppid(), os.getpgrp(), os.listdir('/proc/self/fd'))\n")
        assert result["stdout"] == "2 1 2 ['0', '1', '2', '3']\n", result
        assert _warm(server) == 1 and _way(server, "bash")[0] == "parked"
        assert server.metrics()["sandglass_zygotes"] == 2


def a_burst_waits_for_children_and_is_not_execd():
    with Server({"slots_ready": 2}) as server:
        _filled(server)
        with ThreadPoolExecutor(8) as clients:
            results = list(clients.map(lambda n: server.run("python", f"print({n})\n"), range(64)))
        assert [result["stdout"] for result in results] == [f"{n}\n" for n in range(64)], results
        assert _warm(server) == 64


def runs_that_wait_for_a_child_of_a_dead_zygote_are_not_lost():
    with Server({"slots_ready": 2}) as server:
        _filled(server)
        with ThreadPoolExecutor(8) as clients:
            results = clients.map(lambda n: server.run("python", f"print({n})\n"), range(64))
            for pid in _zygotes(server):
                os.kill(pid, signal.SIGKILL)
            assert [result["stdout"] for result in results] == [f"{n}\n" for n in range(64)]


def a_zygote_holds_no_more_than_joining_jails_takes():
    with Server({"slots_ready": 2}) as server:
        _filled(server)
        for pid in _zygotes(server):
            kinds = {os.readlink(f"/proc/{pid}/fd/{fd}").split(":")[0] for fd in os.listdir(f"/proc/{pid}/fd")}
            strange = {kind for kind in kinds if kind not in ("pipe", "socket", "anon_inode") and "sandglass" not in kind
                       and not re.fullmatch("/(cgroup|sandglass).*|/", kind)}
            assert not strange, kinds
            with open(f"/proc/{pid}/status", encoding="utf-8") as file:
                status = file.read()
            assert re.search(r"CapEff:\t00000000002c01c0\n", status), status
            shared = [line for line in open(f"/proc/{pid}/maps", encoding="utf-8") if line.split()[1][1::2] == "ws"]
            assert not shared and "\nThreads:\t1\n" in status, shared
            assert len(open(f"/proc/{pid}/net/dev", encoding="utf-8").readlines()) == 3  # a heading of two, lo


def nothing_of_the_zygote_is_within_reach_of_its_children():
    look = r"""import os
print([line for line in open('/proc/self/status') if line.startswith(('Cap', 'NoNew', 'Seccomp:', 'Groups'))])
print(sorted(name for name in os.listdir('/proc') if name.isdigit()), os.listdir('/work'), os.listdir('/tmp'), os.getuid() > 1000)
for attempt in (lambda: os.kill(1, 9), lambda: os.setuid(0), lambda: open('/proc/1/environ'), lambda: os.listdir('/proc/1/root')):
    try:
        attempt()
        print('could')
    except OSError as error:
        print(type(error).__name__)
"""
    seen = []
    for setting in ("off", "lean"):
        with Server({"slots_ready": 2, "warm": setting}) as server:
            if setting == "lean":
                _filled(server)
            seen.append(server.run("python", look)["stdout"])
            assert _warm(server) == (setting == "lean")
    assert seen[0] == seen[1] and "could" not in seen[0], seen


def a_zygote_is_replaced_after_so_many_children():
    with Server({"slots_ready": 2, "zygote_children_max": 3}) as server:
        _filled(server)
        first, seen = set(_zygotes(server)), set()
        for _ in range(12):
            wait_until(lambda: server.metrics()["sandglass_slots_parked"] >= 1)
            seen.add(server.run("python", HASH)["stdout"])
            time.sleep(0.2)
        assert len(seen) > 2 and not first <= set(_zygotes(server)), seen
        assert server.metrics()["sandglass_slots_failed_total"] == 0


def a_zygote_is_replaced_after_a_while():
    with Server({"slots_ready": 1, "zygote_time_max_ms": 1000}) as server:
        _filled(server)
        first = set(_zygotes(server))
        assert first and wait_until(lambda: not first & set(_zygotes(server)))
        assert server.run("python", HASH)["status"] == "ok"


def children_of_a_killed_zygote_live_and_another_comes():
    with Server({"slots_ready": 2}) as server:
        _filled(server)
        victims = _zygotes(server)
        for pid in victims:
            os.kill(pid, signal.SIGKILL)
        for imports in ("", "import json\n"):
            assert server.run("python", imports + "print('ok')")["stdout"] == "ok\n"
        assert _warm(server) == 2
        wait_until(lambda: len(set(_zygotes(server)) - set(victims)) == len(victims))
        assert _way(server) == ("zygote", "")


@cases(("import threading, time\nthreading.Thread(target=time.sleep, args=(999,), daemon=True).start()\n", "thread"),
       ("kept_open = open('/etc/hosts')\n", "opened"),
       ("open('/tmp/left', 'w').close()\n", "left a file"),
       ("import mmap\nkept_open = mmap.mmap(-1, 4096)\n", "mapping"))
def what_cannot_be_forked_is_parked_and_named(preparation, why):
    with tempfile.TemporaryDirectory(prefix="sandglass-test-") as folder:
        os.chmod(folder, 0o755)
        runtimes = shutil.copytree(paths.SOURCE / "runtimes", os.path.join(folder, "runtimes"))
        with open(os.path.join(runtimes, "python", "warm.py"), "a", encoding="utf-8") as file:
            file.write(preparation)
        with Server({"slots_ready": 1, "runtime_dir": runtimes}) as server:
            assert wait_until(lambda: _way(server)[0] == "parked" and why in _way(server)[1]), _way(server)
            wait_until(lambda: server.metrics()["sandglass_slots_parked"] >= 5)
            assert server.run("python", "print('ok')")["stdout"] == "ok\n" and _warm(server) == 1
            assert server.metrics()["sandglass_zygotes"] == 0


@cases("JOIN")
def a_child_that_cannot_enter_its_jail_ends_the_zygote(step):
    server = Server({"slots_ready": 1}, start=False, build=paths.INJECTION_BUILD)
    server.environment["SANDGLASS_STEP_FAIL"] = step
    with server:
        server.start()
        assert wait_until(lambda: _way(server)[0] == "parked" and step in _way(server)[1]), _way(server)
        assert server.run("python", "print('ok')")["stdout"] == "ok\n"


def siblings_draw_seeds_of_their_own():
    program = r"""import json, os, random, secrets, tempfile, uuid, ssl
print(random.random(), random.getrandbits(64), sep='\n')
print(uuid.uuid4(), secrets.token_hex(8), tempfile.mkstemp()[1], ssl.RAND_bytes(8).hex(), os.urandom(8).hex(), sep='\n')
"""
    with Server({"slots_ready": 4}) as server:
        _filled(server)
        seen = [line for _ in range(SEED_RUNS) for line in server.run("python", program)["stdout"].splitlines()]
        assert _warm(server) > SEED_RUNS // 3 and server.metrics()["sandglass_slots_forked_total"] > SEED_RUNS // 3
    assert len(seen) == len(set(seen)) == 7 * SEED_RUNS, [line for line in seen if seen.count(line) > 1][:9]


def nothing_is_left_behind():
    with Server({"slots_ready": 2, "zygote_children_max": 20}) as server:
        _filled(server)
        for _ in range(100):
            assert server.run("python", "print('ok')")["stdout"] == "ok\n"
        server.wait_idle()
        assert wait_until(lambda: len(_zygotes(server)) == server.metrics()["sandglass_zygotes"] == 2)
        assert server.stop() == 0 and not server.processes() and not server.cgroups()


@contextlib.contextmanager
def _java(**settings):
    """A server that has nothing else, with a compiler that can be forked from."""
    with tempfile.TemporaryDirectory(prefix="sandglass-test-") as folder:
        os.chmod(folder, 0o755)
        shutil.copytree(paths.SOURCE / "runtimes" / "java", os.path.join(folder, "runtimes", "java"))
        with Server({"slots_ready": 2, "warm": "full", "compile_cache_bytes": 0, "runtime_dir": os.path.join(folder, "runtimes"), **settings}) as server:
            if not any(row["versions"] for row in server.get("/v1/runtimes").json if row["id"] == "java"):
                raise Skip("no image holds java")
            wait_until(lambda: _stage_way(server, "compile") == ("zygote", "") and server.metrics()["sandglass_slots_forked_total"] >= 1, within=60)
            yield server


def _stage_way(server, stage):
    rows = server.get("/v1/capabilities").json["warm"]["runtimes"]
    return next((row["way"], row["why"]) for row in rows if row["id"] == "java" and row["stage"] == stage)


JAVA = "public class Main { public static void main(String[] a) { %s } }\n"


def a_compiler_is_a_fork_and_its_launcher_stays():
    with _java() as server:
        with concurrent.futures.ThreadPoolExecutor(4) as clients:
            results = list(clients.map(lambda n: server.run("java", JAVA % f"System.out.println({n});"), range(24)))
        assert [result["stdout"] for result in results] == [f"{n}\n" for n in range(24)], results
        assert _warm(server) >= 24  # each run, and some of the compilations
        wait_until(lambda: server.metrics()["sandglass_slots_forked_total"] >= 5)
        wait_until(lambda: server.metrics()["sandglass_slots_parked"] >= 1)
        names = {}
        for pid in server.user_processes():
            with open(f"/proc/{pid}/status", encoding="utf-8") as file:
                fields = dict(line.split(":", 1) for line in file.read().splitlines())
            if "compile.jar" in host.command_line(pid) and len(fields["NSpid"].split()) > 1:
                names[int(fields["NSpid"].split()[-1])] = fields["Name"].strip()
        assert names == {2: "launcher", 3: "java"}, names
        server.wait_idle()
        assert server.stop() == 0 and not server.processes() and not server.cgroups()


@cases(("int x = \"text\";", 1, "incompatible types"), ("java.util.List l = new java.util.ArrayList(); l.add(1);", 0, "unchecked"),
       ("new Thread().stop();", None, ""), ("", 0, ""), ("sandglass.practice.Hello.main(a);", 1, "package sandglass.practice does not exist"))
def what_a_forked_compiler_says_is_what_a_fresh_one_says(body, code, text):
    request = {"files": [{"name": "Main.java", "content": JAVA % body}]}
    with _java() as server:
        forked = server.execute("java", **request).json["compile"]
        fresh = server.execute("java", flags=["-ea"], **request).json["compile"]  # no other program is compiled with them
    assert (forked["status"], forked["stdout"], forked["stderr"]) == (fresh["status"], fresh["stdout"], fresh["stderr"]), (forked, fresh)
    assert text in forked["stderr"] and (code is None or forked["exit_code"] == code), forked


def classes_of_the_request_are_found_by_a_forked_compiler():
    with _java() as server:
        show = 'System.out.write(Main.class.getResourceAsStream("Other.class").readAllBytes()); System.out.flush(); } } class Other { static int five() { return 5;'
        made = server.run("java", JAVA.replace("(String[] a)", "(String[] a) throws Exception") % show, output_encoding="base64")
        program = JAVA % "System.out.println(Other.five());"
        files = [{"name": "Main.java", "content": program}, {"name": "Other.class", "content": made["stdout"], "encoding": "base64"}]
        found, lost = server.run("java", files=files), server.execute("java", program).json
        assert found["stdout"] == "5\n" and lost["status"] == "compile_error", (found, lost)
