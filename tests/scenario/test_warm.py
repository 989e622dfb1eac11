# SPDX-License-Identifier: Apache-2.0
"""Parked interpreters: taken when they are as good as an exec, and told from one by nothing but time."""

import os
import shutil
import signal
import tempfile
import time

from lib import host, paths
from lib.client import wait_until
from lib.scenario import cases
from lib.server import Server

LEAN = ("bash", "lua", "perl", "python")
POOLS = sum((paths.SOURCE / f"runtimes/{name}/runtime.yaml").read_text().count("setting: lean") for name in (*LEAN, "c", "cpp"))

# What a program sees of its start, said in its own language.
LOOK = {
    "bash": r"""echo "$0" "$#" "$$" "$PPID" "$PWD" "${BASH_SOURCE[@]}" "$LINENO" "$-" "$SHLVL"
tr '\0' '|' < /proc/$$/cmdline; echo
env | sort; set | grep -v -E '^(BASHPID|RANDOM|SRANDOM|EPOCH|SECONDS|_|PIPESTATUS|E?UID)' | sort
for n in /proc/$$/fd/*; do echo "${n##*/}" "$(readlink "$n" | tr -d 0-9)"; done
umask; ulimit -a; trap; jobs; cat; tr '\0' '\n' < /proc/$$/environ | grep .; while read -r line; do case $line in Sig[BIC]*|Cap*|NoNew*|Seccomp*|Threads*) echo "$line";; esac; done < /proc/$$/status
ls -la --time-style=+ /work /home /tmp | grep -v total; nonsense; exit 3""",
    "lua": r"""print(arg[0], #arg, arg[-1]); print(os.getenv("HOME"), os.getenv("LD_PRELOAD"), os.getenv("LD_BIND_NOW"), os.getenv("SANDGLASS_PARK"))
print(package.path); for l in io.lines() do print(l) end; io.stderr:write("to stderr\n"); os.exit(3)""",
    "perl": r"""print "$0 @ARGV $$ $^X @INC\n"; print "$_=$ENV{$_}\n" for sort keys %ENV; print sort(map {"$_\n"} keys %INC);
opendir(D, "/proc/self/fd"); print join(",", sort readdir D), "\n"; print while <STDIN>; END { print "end $?\n" } warn "warned"; exit 3""",
    "python": r"""import os, signal, sys
print(sys.argv, sys.orig_argv, os.getpid(), os.getppid(), os.getcwd(), __file__, __name__, __spec__, sorted(globals()))
print(dict(os.environ), sys.path, sys.flags, sys.executable, sorted(os.listdir("/proc/self/fd")))
print([signal.getsignal(s) for s in range(1, 32)], os.umask(0), sys.stdin.read(), sys.stdout.line_buffering, sys.stdin.seekable() if 0 else "")
sys.exit("as text")""",
}


def _warm(server):
    return server.metrics()["sandglass_runs_warm_total"]


def _parked(server, count=1):
    time.sleep(1.1)  # gauges are a second old at most
    wait_until(lambda: server.metrics()["sandglass_slots_parked"] >= count)


def _took_parked(server, count, call):
    """What the call returns, and whether it was served by a parked interpreter."""
    _parked(server, count)
    before = _warm(server)
    result = call()
    return result, _warm(server) > before


@cases(*LEAN)
def a_parked_start_looks_like_any_other(language):
    seen = []
    for setting in ("off", "lean"):
        with Server({"warm": setting, "slots_ready": 1}) as server:
            if setting == "lean":
                _parked(server, POOLS)
            result = server.run(language, LOOK[language], stdin="line 1\nline 2\n")
            assert _warm(server) == (1 if setting == "lean" else 0), setting
            seen.append({k: result[k] for k in ("status", "stdout", "stderr", "exit_code", "signal", "started")})
    assert seen[0] == seen[1], "\n".join(f"{key}:\n{seen[0][key]}\n---\n{seen[1][key]}" for key in seen[0]
                                        if seen[0][key] != seen[1][key])


def only_a_run_that_would_be_execd_the_same_way_takes_a_parked_one():
    rows = [
        ({}, True), ({"stdin": "x"}, True), ({"limits": {"wall_time_ms": 5000}}, True),
        ({"limits": {"open_files": 64, "disk_bytes": 1 << 20, "cpu_milli": 500}}, True),
        ({"limits": {"memory_bytes": 1 << 30, "processes": 100}}, True),
        ({"args": ["a"]}, False), ({"env": {"A": "b"}}, False), ({"env": {"HOME": "/tmp"}}, False),
        ({"limits": {"memory_bytes": 64 << 20}}, False), ({"limits": {"processes": 8}}, False),
    ]
    with Server({"slots_ready": 2}) as server:
        for fields, wanted in rows:
            result, parked = _took_parked(server, POOLS, lambda: server.run("bash", "echo ok", **fields))
            assert result["stdout"] == "ok\n" and parked == wanted, (fields, parked)


def files_and_their_names_decide_too():
    main, other = {"name": "main.sh", "content": ". lib/a.sh"}, {"name": "lib/a.sh", "content": "echo from a"}
    with Server({"slots_ready": 2}) as server:
        for files, entry, wanted in (([main, other], None, True), ([main, other], "main.sh", True),
                                     ([{**main, "name": "x.sh"}, other], "x.sh", False)):
            more = {"entrypoint": entry} if entry else {}
            result, parked = _took_parked(server, POOLS, lambda: server.run("bash", files=files, **more))
            assert result["stdout"] == "from a\n" and parked == wanted, (files, parked)


def limits_hold_in_a_parked_interpreter():
    rows = [
        ("bash", "ulimit -n; ulimit -f", {"open_files": 33, "disk_bytes": 4 << 20}, "ok"),
        ("bash", "while :; do :; done", {"cpu_time_ms": 300}, "cpu_timeout"),
        ("bash", "sleep 20", {"wall_time_ms": 300}, "wall_timeout"),
        ("bash", "yes", {"output_bytes": 1000}, "output_limit"),
        ("bash", "head -c 9000000 /dev/zero > /tmp/x", {"disk_bytes": 1 << 20}, "disk_limit"),
        ("python", "x = bytearray(900 << 20)", {}, "memory_limit"),
    ]
    with Server({"slots_ready": 2}) as server:
        for language, code, limits, status in rows:
            result, parked = _took_parked(server, POOLS, lambda: server.run(language, code, limits=limits))
            assert parked and result["status"] == status, (code, parked, result)
            if status == "ok":
                assert result["stdout"] == "33\n4096\n", result
            # what it took to start was not this run's
            assert result["cpu_time_ms"] < 1500 and result["started"], result


def each_parked_interpreter_serves_once():
    with Server({"slots_ready": 2}) as server:
        for _ in range(5):
            _parked(server, POOLS)
            assert server.run("bash", "ls /tmp; touch /tmp/mark; echo $$")["stdout"] == "2\n"
        seen = {server.run("bash", "echo $RANDOM $RANDOM $SRANDOM")["stdout"] for _ in range(20)}
        seen |= {server.run("python", "import random, uuid\nprint(random.random(), uuid.uuid4(), hash('a'))")["stdout"]
                 for _ in range(20)}
        assert len(seen) == 40, seen


@cases("front", "spawner")
def parked_ones_come_back_after(role):
    with Server({"slots_ready": 2}) as server:
        _parked(server, POOLS)
        server.wait_restarted(role, server.kill(role))
        result, parked = _took_parked(server, POOLS, lambda: server.run("bash", "echo ok"))
        assert result["stdout"] == "ok\n" and parked
        server.wait_idle()
        assert server.stop() == 0 and not server.processes() and not server.cgroups()


def one_that_dies_while_it_waits_is_replaced():
    with Server({"slots_ready": 2}) as server:
        _parked(server, POOLS)
        victims = [p for p in server.user_processes() if "main.sh" in host.command_line(p)]
        assert victims
        for pid in victims:
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not any(host.is_alive(p) for p in victims))
        time.sleep(0.5)  # until pid 1 of its jail has said so: a run that is handed over before dies with it
        assert server.run("bash", "echo ok")["stdout"] == "ok\n"
        result, parked = _took_parked(server, POOLS, lambda: server.run("bash", "echo ok"))
        assert result["stdout"] == "ok\n" and parked


def what_cannot_be_parked_is_execd_and_named():
    with tempfile.TemporaryDirectory(prefix="sandglass-test-") as folder:
        os.chmod(folder, 0o755)
        runtimes = shutil.copytree(paths.SOURCE / "runtimes", os.path.join(folder, "runtimes"))
        manifest = os.path.join(runtimes, "bash", "runtime.yaml")
        with open(manifest, encoding="utf-8") as file:
            text = file.read()
        with open(manifest, "w", encoding="utf-8") as file:  # ends before it opens anything
            file.write(text.replace('[/usr/bin/bash, "{entry}"', '[/usr/bin/bash, -c, "echo instead", "{entry}"'))
        with Server({"slots_ready": 2, "runtime_dir": runtimes}) as server:
            def state():
                rows = server.get("/v1/capabilities").json["warm"]["runtimes"]
                return {row["id"]: (row["way"], bool(row["why"])) for row in rows}

            assert wait_until(lambda: state()["bash"] == ("exec", True)) and state()["lua"] == ("parked", False)
            assert server.run("bash", "")["stdout"] == "instead\n" and _warm(server) == 0


def warm_off_parks_nothing():
    with Server({"warm": "off"}) as server:
        assert server.run("bash", "echo ok")["stdout"] == "ok\n"
        assert server.get("/v1/capabilities").json["warm"] == {"setting": "off", "runtimes": []}
        assert _warm(server) == 0 and server.metrics()["sandglass_slots_parked"] == 0
