# SPDX-License-Identifier: Apache-2.0
"""Callers that leave, processes of ours that die, servers that stop: nothing lost, nothing left."""
import json
import os
import signal
import socket
import threading

import leftovers
from cases import case
from cases.door import HOST, Wire, authorization
from judge import excerpt, need, until
from lib.client import Closed
from lib.host import command_line, rss_peak_kib
from lib.server import gone


def send_run(server, code):
    body = json.dumps({"language": "python", "code": code}).encode()
    wire = Wire(server, timeout=60)
    wire.send(b"POST /v1/execute HTTP/1.1\r\n" + HOST + authorization(server)
              + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    return wire


SLEEPER = "import ctypes,time\nctypes.CDLL(None).prctl(15, b'sgesc-sleeper', 0, 0, 0)\ntime.sleep(60)\n"


@case("lifetime a caller who leaves has his run killed", "T35", 2)
def disconnect(context):
    server = context.server
    wires = [send_run(server, SLEEPER) for _ in range(6)]
    until(lambda: len(leftovers.processes_named("sgesc-sleeper")) >= 6, 15, "the runs did not start")
    for wire in wires:
        wire.socket.close()
    until(lambda: not leftovers.processes_named("sgesc-sleeper"), 5, "runs go on without their callers")
    server.wait_idle(5)
    return "six runs ended within 5 s of their callers"


@case("lifetime a caller who resets, and one who only stops sending", "T35", 2)
def reset(context):
    server = context.server
    wire = send_run(server, SLEEPER)
    until(lambda: leftovers.processes_named("sgesc-sleeper"), 15, "the run did not start")
    wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    wire.socket.close()
    until(lambda: not leftovers.processes_named("sgesc-sleeper"), 5, "a run goes on after a reset")
    return "a reset ends the run"


@case("lifetime the spawner is killed under load", "T35 T70", 5, own_server=True)
def spawner_killed(context):
    with context.start() as server:
        return kill_role(server, "spawner")


@case("lifetime the front is killed under load", "T35 T70", 5, own_server=True)
def front_killed(context):
    with context.start() as server:
        return kill_role(server, "front")


@case("lifetime the store is killed under load", "T35 T70", 5, own_server=True)
def store_killed(context):
    with context.start() as server:
        return kill_role(server, "store")


def kill_role(server, role):
    """Every waiting caller gets an answer, nothing is left, the next request works."""
    answers = []

    def call():
        try:
            answers.append(server.run_python("import time\ntime.sleep(1.0)\nprint('done')"))
        except (OSError, Closed) as error:
            answers.append(error)

    threads = [threading.Thread(target=call) for _ in range(12)]
    for thread in threads:
        thread.start()
    until(lambda: server.metrics()["sandglass_jobs_running"] >= 4, 10, "the runs did not start")
    old_pid = server.kill(role)
    for thread in threads:
        thread.join(40)
        need(not thread.is_alive(), "a caller is left hanging")
    seen = [answer.status if not isinstance(answer, Exception) else repr(answer) for answer in answers]
    need(all(status in (200, 503) for status in seen), "callers got %s", seen)
    for answer in answers:
        if answer.status == 503:
            need('"retryable":true' in answer.body.decode().replace(" ", ""), "503 without retryable: %s", answer.body)
    server.wait_restarted(role, old_pid)
    need(server.works(), "the next request does not work")
    server.wait_idle()
    until(lambda: not busy(server), 10, "programs are left: %s", busy(server))
    return "12 callers answered (%s), the next request works" % ", ".join(map(str, sorted(set(seen))))


def busy(server):
    """Programs of users; prepared jails have none yet, parked interpreters still hold the server's socket."""
    return [pid for pid in server.user_processes()
            if "python" in command_line(pid) and not os.path.lexists(f"/proc/{pid}/fd/100")]


@case("lifetime SIGTERM drains: a run that has begun is answered", "T35", 5, own_server=True)
def drain(context):
    with context.start() as server:
        wire = send_run(server, "import time\ntime.sleep(1.0)\nprint('drained')")
        until(lambda: server.metrics()["sandglass_jobs_running"] == 1, 10, "the run did not start")
        server.process.send_signal(signal.SIGTERM)
        answer = wire.read_answer()
        need(answer and answer[0] == 200 and b"drained" in answer[2], "the run got %r", answer)
        need(server.process.wait(20) == 0, "the server ended with %d", server.process.returncode)
    return "answered, then ended with 0"


@case("lifetime SIGKILL of the whole server leaves no run behind", "T35 T70", 2, own_server=True)
def killed_whole(context):
    before = leftovers.Snapshot(context.setup)
    with context.start() as server:
        wires = [send_run(server, SLEEPER) for _ in range(4)]
        until(lambda: len(leftovers.processes_named("sgesc-sleeper")) >= 4, 15, "the runs did not start")
        processes = server.processes()
        server.process.kill()
        server.process.wait()
        need(gone(processes), "processes outlive the server: %s", [pid for pid in processes if not gone([pid], 0)])
        for wire in wires:
            wire.socket.close()
    # Nobody is left to remove the cgroups: the next server does.
    with context.start() as following:
        need(following.works(), "the next server does not run")
    left = before.left_behind()
    need(not left, "left behind: %s", "; ".join(left))
    return "no process outlives the server, the next one tidies up"


UNREAD, FRONT_MIB_MAX = 10, 1024


@case("lifetime answers that nobody reads do not fill the server's memory", "T31", 3, own_server=True)
def unread_answers(context):
    """Each answer is 38 MiB of NUL bytes, 228 MiB as JSON; the callers stay and read nothing."""
    body = {"language": "python", "limits": {"output_bytes": 20971520},
            "code": "import os\nfor i in range(19):\n  os.write(1, bytes(1 << 20))\n  os.write(2, bytes(1 << 20))\n"}
    with context.start() as server:
        front = server.roles()["front"]
        connections = [server.connect() for _ in range(UNREAD)]
        for connection in connections:
            connection.send(server.encoded(**body))
        until(lambda: server.metrics()["sandglass_jobs_finished_total"] >= UNREAD, 30, "the runs did not end")
        need(server.works(), "a normal request is not answered meanwhile")
        peak = max(rss_peak_kib(front), rss_peak_kib(server.roles()["front"])) >> 10
        for connection in connections:
            connection.close()
        need(peak < FRONT_MIB_MAX, "%d unread answers take %d MiB of the front's memory", UNREAD, peak)
    return "%d unread answers took %d MiB" % (UNREAD, peak)


@case("lifetime wall time though all processors are busy", "T36", 3)
def busy_deadline(context):
    server = context.server
    answers = []

    def call(code, limits):
        answers.append((code, server.run_python(code, limits=limits)))

    spin, doze = "while True: pass", "import time\ntime.sleep(30)"
    threads = [threading.Thread(target=call, args=(spin, {"wall_time_ms": 2500})) for _ in range(8)]
    threads += [threading.Thread(target=call, args=(doze, {"wall_time_ms": 1000})) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for code, answer in answers:
        need(answer.json["status"] == "wall_timeout", "%s", excerpt(answer))
        most = 2500 if code is spin else 1000
        need(most <= answer.json["wall_time_ms"] < most + 1500, "ended after %s of %d ms", answer.json["wall_time_ms"], most)
    return "12 deadlines kept beside 8 spinning runs"
