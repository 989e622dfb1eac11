# SPDX-License-Identifier: Apache-2.0
"""SIGTERM drains: what runs finishes, what is new is refused, nothing is left, exit status 0."""

import signal
import threading
import time

from lib import host
from lib.client import Closed, wait_until
from lib.server import Server, describe


def _run_in_background(server, code, answers):
    def call():
        try:
            answers.append(server.execute("bash", code))
        except (OSError, Closed) as e:
            answers.append(e)
    thread = threading.Thread(target=call)
    thread.start()
    return thread


def a_running_request_finishes_and_new_ones_are_refused():
    with Server() as server:
        answers = []
        thread = _run_in_background(server, "sleep 1.5; echo finished", answers)
        wait_until(lambda: server.metrics()["sandglass_slots_running"] == 1)
        with server.connect() as kept:
            kept.send(server.encoded("bash", "sleep 0.5"))
            time.sleep(0.1)
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.2)
            assert kept.receive().header("Connection") == "close"
            try:
                status = server.execute("bash", "true").status
            except (OSError, Closed):
                status = "closed"
            assert status in (503, "closed"), status
        assert server.process.wait(20) == 0
        thread.join()
        assert answers[0].json["stdout"] == "finished\n"
        assert not server.processes() and not server.cgroups(), (describe(server.processes()), server.cgroups())


def an_idle_server_ends_at_once():
    with Server() as server, server.connect() as idle:
        assert idle.request("GET", "/healthz").status == 200
        began = time.monotonic()
        assert server.stop() == 0 and time.monotonic() - began < 15
        assert idle.is_closed()
        ending = server.log().partition("event=signal")[2]
        assert ending and "level=warn" not in ending and "level=error" not in ending, ending


def sigint_is_the_same():
    with Server() as server:
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(20) == 0


def what_takes_longer_than_the_drain_time_is_ended():
    with Server({"drain_time_ms": 700}) as server:
        answers = []
        thread = _run_in_background(server, "sleep 60", answers)
        wait_until(lambda: server.metrics()["sandglass_slots_running"] == 1)
        began = time.monotonic()
        assert server.stop() == 0 and 0.6 < time.monotonic() - began < 15
        thread.join(20)
        assert not thread.is_alive() and not server.processes(), describe(server.processes())
        assert getattr(answers[0], "status", 503) == 503, answers


def queued_requests_are_answered_too():
    with Server({"runs_max": 1}) as server:
        answers = []
        threads = [_run_in_background(server, "sleep 0.4; echo x", answers) for _ in range(4)]
        wait_until(lambda: server.metrics()["sandglass_jobs_queued"] == 3)
        assert server.stop() == 0
        for thread in threads:
            thread.join()
        assert [getattr(a, "status", a) for a in answers] == [200] * 4, answers


def a_second_signal_ends_everything_now():
    with Server() as server:
        answers = []
        thread = _run_in_background(server, "sleep 60", answers)
        wait_until(lambda: server.metrics()["sandglass_slots_running"] == 1)
        everything = server.processes()
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(20)
        thread.join(20)
        wait_until(lambda: not any(map(host.is_alive, everything)))


def a_server_started_again_with_the_same_state_knows_its_keys():
    with Server() as server:
        assert server.run("bash", "echo 1")["stdout"] == "1\n"
        assert server.stop() == 0
        server.start()
        assert server.run("bash", "echo 2")["stdout"] == "2\n"
