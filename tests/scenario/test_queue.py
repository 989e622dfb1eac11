# SPDX-License-Identifier: Apache-2.0
"""Many at once: places, the fair queue between keys, and the end of the queue."""

import threading
import time

from lib.client import wait_until
from lib.server import Server


class _Calls:
    """Requests in threads of their own; ended holds (tag, status, seconds) in the order of their answers."""

    def __init__(self, server):
        self.server, self.ended, self.threads, self.lock = server, [], [], threading.Lock()

    def start(self, count, code, tag=None, key=None, **fields):
        for _ in range(count):
            thread = threading.Thread(target=self._call, args=(code, tag, key, fields))
            thread.start()
            self.threads.append(thread)
        return self

    def _call(self, code, tag, key, fields):
        began = time.monotonic()
        reply = self.server.execute("bash", code, key=key, **fields)
        with self.lock:
            self.ended.append((tag, reply, time.monotonic() - began))

    def join(self):
        for thread in self.threads:
            thread.join()
        return [reply for _, reply, _ in self.ended]


def _wait_for(server, running, queued):
    def so_many():
        """so many run and so many wait"""
        m = server.metrics()
        return (m["sandglass_jobs_running"], m["sandglass_jobs_queued"]) == (running, queued)
    wait_until(so_many)


def sixty_four_runs_go_at_once():
    with Server({"runs_max": 64}) as server:
        calls = _Calls(server).start(64, "sleep 3; echo done")
        _wait_for(server, 64, 0)
        assert all(r.json["stdout"] == "done\n" for r in calls.join())


def the_sixty_fifth_waits_for_a_place():
    with Server({"runs_max": 4, "queue_max": 10, "queue_max_per_key": 10}) as server:
        calls = _Calls(server).start(9, "sleep 2; echo done")
        _wait_for(server, 4, 5)
        assert [r.status for r in calls.join()] == [200] * 9
        assert server.metrics()["sandglass_queue_nanoseconds_total"] > 4 * 1.9e9


def a_full_queue_is_429_with_retry_after():
    with Server({"runs_max": 2, "queue_max": 3, "queue_max_per_key": 3}) as server:
        calls = _Calls(server).start(5, "sleep 4")
        _wait_for(server, 2, 3)
        reply = server.execute("bash", "true")
        assert (reply.status, reply.error["code"], reply.error["retryable"]) == (429, "queue_full", True), reply
        assert int(reply.header("Retry-After")) >= 1, reply.headers
        assert {r.status for r in calls.join()} == {200}
        assert server.execute("bash", "true").status == 200


def without_a_queue_every_place_can_be_used_and_nobody_waits():
    with Server({"runs_max": 3, "queue_max": 0, "queue_max_per_key": 0}) as server:
        calls = _Calls(server).start(3, "sleep 3; echo done")
        _wait_for(server, 3, 0)
        assert server.execute("bash", "true").status == 429
        assert {r.json["stdout"] for r in calls.join()} == {"done\n"}


def one_key_cannot_fill_the_whole_queue():
    with Server({"runs_max": 1, "queue_max": 10, "queue_max_per_key": 4}, keys=2) as server:
        calls = _Calls(server).start(5, "sleep 3", key=server.keys[0])
        _wait_for(server, 1, 4)
        assert server.execute("bash", "true", key=server.keys[0]).status == 429
        assert server.execute("bash", "true", key=server.keys[1]).status == 200
        calls.join()


def another_keys_one_run_does_not_wait_for_two_hundred():
    with Server({"runs_max": 2, "queue_max": 500, "queue_max_per_key": 400}, keys=2) as server:
        crowd = _Calls(server).start(200, "sleep 0.1", "crowd", key=server.keys[0])
        wait_until(lambda: server.metrics()["sandglass_jobs_queued"] > 120)
        began = time.monotonic()
        before = len(crowd.ended)
        assert server.execute("bash", "true", key=server.keys[1]).status == 200
        overtaken = len(crowd.ended) - before
        assert overtaken <= 12, f"{overtaken} of the other key's runs ended first, {time.monotonic() - began:.2f} s"
        crowd.join()


def two_keys_take_turns():
    with Server({"runs_max": 1, "queue_max": 100, "queue_max_per_key": 100}, keys=2) as server:
        plug = _Calls(server).start(1, "sleep 3", "plug")
        _wait_for(server, 1, 0)
        calls = _Calls(server).start(20, "echo $EPOCHREALTIME", "a", key=server.keys[0])
        _wait_for(server, 1, 20)
        calls.start(10, "echo $EPOCHREALTIME", "b", key=server.keys[1])
        _wait_for(server, 1, 30)
        calls.join()
        plug.join()
    # by when they ran: a busy machine hands out the answers in another order
    order = [tag for _, tag in sorted((float(reply.json["stdout"]), tag) for tag, reply, _ in calls.ended)]
    assert order[:20].count("b") >= 8, order


def a_key_with_one_place_uses_one():
    with Server({"runs_max": 8}) as server:
        key = server.make_key("--concurrent", "1")
        wait_until(lambda: server.get("/metrics", key=key).status == 200)
        calls = _Calls(server).start(4, "sleep 1", key=key)
        _wait_for(server, 1, 3)
        assert server.execute("bash", "true").status == 200
        assert {r.status for r in calls.join()} == {200}


def more_runs_than_ready_jails_all_succeed():
    with Server({"runs_max": 32, "slots_ready": 0}) as server:
        calls = _Calls(server).start(60, "echo $$")
        assert {r.json["status"] for r in calls.join()} == {"ok"}


def every_answer_goes_to_its_own_caller():
    with Server({"runs_max": 16}) as server:
        wrong, threads = [], []

        def call(number):
            for i in range(5):
                text = f"{number}/{i}"
                if server.run("bash", f"echo {text}")["stdout"] != text + "\n":
                    wrong.append(text)

        for number in range(40):
            threads.append(threading.Thread(target=call, args=(number,)))
            threads[-1].start()
        for thread in threads:
            thread.join()
        assert not wrong, wrong
