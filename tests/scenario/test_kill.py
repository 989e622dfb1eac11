# SPDX-License-Identifier: Apache-2.0
"""Any of our processes may die at any time, under load: nobody waits in vain, nothing is left, it goes on."""

import os
import signal
import tempfile
import threading
import time

from lib import host
from lib.client import Closed, wait_until
from lib.scenario import cases
from lib.server import Server, describe, gone

LOAD = 50


class _Load:
    """Callers at once, each with one long run; answers collects (status, error or result)."""

    def __init__(self, server, count, code="sleep 300; echo done", **fields):
        self.server, self.answers, self.lock = server, [], threading.Lock()
        self.threads = [threading.Thread(target=self._call, args=(code, {"limits": {"wall_time_ms": 300000}, **fields})) for _ in range(count)]
        for thread in self.threads:
            thread.start()

    def _call(self, code, fields):
        try:
            reply = self.server.execute("bash", code, timeout=60, **fields)
            answer = (reply.status, reply.json.get("error", reply.json))
        except (OSError, Closed, ValueError) as e:
            answer = (None, repr(e))
        with self.lock:
            self.answers.append(answer)

    def join(self, within=40):
        deadline = time.monotonic() + within
        for thread in self.threads:
            thread.join(max(0.1, deadline - time.monotonic()))
        assert not any(t.is_alive() for t in self.threads), "a caller is still waiting"
        return self.answers


def _loaded_server():
    server = Server({"runs_max": LOAD, "slots_ready": 4, "warm_slots_max": 4})
    load = _Load(server, LOAD)
    wait_until(lambda: server.metrics()["sandglass_slots_running"] == LOAD, within=60)
    return server, load


def _all_told_to_try_again(answers):
    wrong = [a for a in answers if a[0] != 503 or a[1]["code"] != "unavailable" or a[1]["retryable"] is not True]
    assert not wrong, f"{len(wrong)} of {len(answers)}: {wrong[:3]}"


def _mounts(server):
    """Where something is mounted on this host; other tests' own come and go."""
    with open(f"/proc/{server.process.pid}/mounts", encoding="utf-8") as lines:
        return {place for place in (line.split(" ")[1] for line in lines) if not place.startswith(f"{tempfile.gettempdir()}/sandglass-")}


@cases("spawner", "front")
def when_a_child_is_killed_every_waiting_caller_is_told_to_try_again(role):
    server, load = _loaded_server()
    with server:
        jailed = [p for p in server.user_processes() if role == "spawner" or "sleep 300" in host.command_line(p)]
        mounts = _mounts(server)
        old = server.kill(role)
        _all_told_to_try_again(load.join(within=25))
        assert gone(jailed), describe([p for p in jailed if host.is_alive(p)])
        server.wait_restarted(role, old)
        assert server.run("bash", "echo next")["stdout"] == "next\n"
        server.wait_idle()
        assert len(server.cgroups()) < 100 and _mounts(server) <= mounts, (server.cgroups(), _mounts(server) - mounts)
        assert server.stop() == 0 and not server.processes() and not server.cgroups(), (describe(server.processes()), server.cgroups())


def when_the_store_is_killed_runs_go_on():
    server, load = _loaded_server()
    with server:
        old = server.kill("store")
        assert server.execute("bash", "echo meanwhile").status in (200, 429)
        server.wait_restarted("store", old)
        assert server.get("/v1/runtimes").status == 200
        key = server.make_key("--name", "after")
        wait_until(lambda: server.get("/v1/runtimes", key=key).status == 200)
        server.process.kill()
        load.join()


def waiting_requests_survive_the_spawner():
    with Server({"runs_max": 2}) as server:
        running = _Load(server, 2)
        wait_until(lambda: server.metrics()["sandglass_slots_running"] == 2, within=60)
        waiting = _Load(server, 4, "echo done")
        wait_until(lambda: server.metrics()["sandglass_jobs_queued"] == 4, within=60)
        old = server.kill("spawner")
        _all_told_to_try_again(running.join())
        assert [status for status, _ in waiting.join()] == [200] * 4, waiting.answers
        server.wait_restarted("spawner", old)


def an_idle_connection_outlives_the_front():
    with Server() as server, server.connect() as connection:
        assert connection.request("GET", "/healthz").status == 200
        for _ in range(2):
            server.metrics()  # its answer comes after the front has noted that the other connection is idle
            server.wait_restarted("front", server.kill("front"))
            assert connection.request("GET", "/healthz").status == 200
        assert server.stop() == 0 and connection.is_closed(within=20)


def a_request_the_front_had_not_begun_to_read_is_served_by_the_next_one():
    with Server() as server, server.connect() as used, server.connect() as fresh:
        assert used.request("GET", "/healthz").status == 200
        wait_until(lambda: server.metrics()["sandglass_connections_open"] == 3)
        os.kill(server.pid_of("front"), signal.SIGSTOP)
        for connection in (used, fresh):
            connection.send(server.encoded("bash", "echo late"))
        old = server.kill("front")
        for connection in (used, fresh):
            reply = connection.receive()
            assert reply.status == 200 and reply.json["stdout"] == "late\n", reply
        server.wait_restarted("front", old)


@cases((True, 200), (False, 503))
def a_new_front_waits_for_its_keys_but_not_for_ever(they_come, status):
    with Server() as server, server.connect() as used:
        assert used.request("GET", "/healthz").status == 200
        server.metrics()  # its answer comes after the front has noted that the other connection is idle
        store = server.pid_of("store")
        os.kill(server.pid_of("front"), signal.SIGSTOP)
        used.send(server.encoded("bash", "echo late"))
        os.kill(store, signal.SIGSTOP)
        server.kill("front")
        time.sleep(0.3)
        if they_come:
            os.kill(store, signal.SIGCONT)
        reply = used.receive()
        os.kill(store, signal.SIGCONT)
        assert reply.status == status and (they_come or reply.json["error"]["retryable"]), reply


def what_the_front_said_right_before_it_died_is_heard():
    with Server() as server:
        front = server.pid_of("front")
        server.process.send_signal(signal.SIGSTOP)
        load = _Load(server, 6)
        wait_until(lambda: server.metrics()["sandglass_slots_running"] == 6, within=60)
        os.kill(front, signal.SIGKILL)
        server.process.send_signal(signal.SIGCONT)
        _all_told_to_try_again(load.join(within=25))


def a_request_half_sent_is_answered_when_the_front_dies():
    with Server() as server, server.connect() as connection:
        connection.send(server.encoded("bash", "true")[:-3])
        wait_until(lambda: server.metrics()["sandglass_connections_open"] == 2)
        time.sleep(0.1)
        server.kill("front")
        reply = connection.receive()
        assert (reply.status, reply.error["retryable"], reply.header("Connection")) == (503, True, "close"), reply
        assert int(reply.header("Retry-After")) >= 1


def _stands_alone(server):
    """the processes are those of one server, not of five: its roles, its zygotes, the first one of each jail"""
    server.wait_idle()
    metrics = server.metrics()
    own = metrics["sandglass_zygotes"] + sum(metrics[f"sandglass_slots_{state}"] for state in ("ready", "parked", "running", "making", "dying"))
    return len(server.lasting_processes()) == len(server.roles()) + own


@cases("front", "spawner", "store")
def the_same_child_may_be_killed_again_and_again(role):
    with Server() as server:
        for _ in range(4):
            old = server.kill(role)
            server.wait_restarted(role, old)
            assert wait_until(lambda: server.execute("bash", "echo ok").status == 200)
        wait_until(lambda: _stands_alone(server))
        assert server.stop() == 0
        assert not server.processes() and not server.cgroups()


def all_children_killed_at_once_come_back():
    with Server() as server:
        old = {role: server.pid_of(role) for role in ("front", "spawner", "store")}
        for pid in old.values():
            os.kill(pid, signal.SIGKILL)
        for role, pid in old.items():
            server.wait_restarted(role, pid)
        assert server.run("bash", "echo ok")["stdout"] == "ok\n"


def when_the_parent_is_killed_everything_ends():
    server, load = _loaded_server()
    with server:
        everything = server.processes()
        assert len(everything) > LOAD
        server.process.kill()
        server.process.wait()
        assert gone(everything), describe([p for p in everything if host.is_alive(p)])
        load.join(within=25)
        wait_until(lambda: not server.processes())
        # what nobody is left to remove is empty, and the next start removes it
        left, name = server.cgroups(), server.cgroup_name
        assert not any(_cgroup_pids(c) for c in left)
        server.start()
        assert server.run("bash", "echo again")["stdout"] == "again\n"
        assert not host.cgroups_below(name), host.cgroups_below(name)
        assert server.stop() == 0 and not server.cgroups(), server.cgroups()


def _cgroup_pids(directory):
    try:
        with open(os.path.join(directory, "cgroup.procs"), encoding="ascii") as file:
            return file.read().split()
    except FileNotFoundError:
        return []


def a_stopped_spawner_does_not_stop_the_front():
    with Server() as server:
        os.kill(server.pid_of("spawner"), signal.SIGSTOP)
        try:
            assert server.get("/healthz").status == 200 and server.get("/v1/runtimes").status == 200
        finally:
            os.kill(server.pid_of("spawner"), signal.SIGCONT)
        assert server.run("bash", "echo on")["stdout"] == "on\n"


def a_run_that_kills_all_it_can_see_kills_only_itself():
    with Server() as server:
        result = server.run("bash", "kill -9 -1; echo survived; kill -9 $$")
        assert result["status"] in ("signal", "ok", "error"), result
        assert server.run("bash", "echo ok")["stdout"] == "ok\n"
        assert not [e for e in server.log_events("child_exited")]
