# SPDX-License-Identifier: Apache-2.0
"""Jobs: accepted with 202, on disk before that, run at most once, found again after any death."""

import ctypes
import itertools
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import tempfile
import threading
import time

from lib import events, paths, websocket
from lib.client import encode_request, wait_until
from lib.scenario import cases, needs_root
from lib.server import Server

SLEEP = "import time; time.sleep({})"
_names = (f"job-{number}" for number in itertools.count())


def _accept(server, code="print(6 * 7)", headers=(), path="/v1/execute", **fields):
    body = {"language": "python", "code": code, "async": True, **fields}
    return server.request("POST", path, json.dumps(body).encode(), headers=server.auth() + tuple(headers))


def _accepted(server, code="print(6 * 7)", **more):
    reply = _accept(server, code, **more)
    assert reply.status == 202, reply
    return reply.json["id"]


def _look(server, identifier, **more):
    return server.get(f"/v1/executions/{identifier}", **more)


def _state(server, identifier):
    return _look(server, identifier).json["state"]


def _wait_ended(server, identifier, within=30):
    def ended():
        """the execution has ended"""
        return _state(server, identifier) not in ("queued", "running")

    wait_until(ended, within)
    return _look(server, identifier).json


def _wait_running(server, identifier):
    def running():
        """the execution runs"""
        return _state(server, identifier) == "running"

    wait_until(running)


# --- one job ---

def it_is_accepted_and_found_again_with_its_result(server):
    reply = _accept(server)
    assert reply.status == 202 and reply.json["state"] == "queued", reply
    assert reply.header("Location") == f"/v1/executions/{reply.json['id']}" and reply.header("Preference-Applied") is None
    ended = _wait_ended(server, reply.json["id"])
    assert ended["state"] == "finished" and ended["status"] == "ok" and ended["exit_code"] == 0, ended
    assert ended["result"]["stdout"] == "42\n" and ended["result"]["id"] == ended["id"] == reply.json["id"], ended
    assert ended["created_at"] <= ended["started_at"] <= ended["finished_at"] and ended["attempts"] == 1, ended


@cases("respond-async", "wait=1, Respond-Async", "return=minimal, respond-async; x=y")
def a_header_asks_for_it_as_well(server, prefer):
    reply = _accept(server, headers=[("Prefer", prefer)], **{"async": False})
    assert reply.status == 202 and reply.header("Preference-Applied") == "respond-async", reply
    assert _wait_ended(server, reply.json["id"])["result"]["stdout"] == "42\n"


@cases("respond-asynchronously", "wait=10")
def another_preference_does_not(server, prefer):
    reply = server.request("POST", "/v1/execute", b'{"language": "python", "code": "print(6 * 7)"}',
                           headers=server.auth() + (("Prefer", prefer),))
    assert reply.status == 200 and reply.json["stdout"] == "42\n", reply


def what_is_wrong_with_it_is_said_at_once(server):
    assert _accept(server, language="klingon").error["code"] == "unknown_language"
    for fields in ({"async": 1}, {"retry": 11}, {"retry": -1}):
        assert _accept(server, **fields).status == 400, fields
    reply = server.execute("python", "1", retry=1)
    assert reply.status == 400 and reply.error["field"] == "retry", reply


def while_it_runs_its_output_so_far_is_shown(server):
    identifier = _accepted(server, "print('so far', flush=True); " + SLEEP.format(5))

    def said():
        """the first line is shown"""
        return _look(server, identifier).json.get("stdout") == "so far\n"

    wait_until(said)
    seen = _look(server, identifier).json
    assert seen["state"] == "running" and seen["finished_at"] is None and seen["started_at"], seen
    server.request("DELETE", f"/v1/executions/{identifier}")


def what_fails_by_itself_has_finished_with_its_status(server):
    ended = _wait_ended(server, _accepted(server, "exit(3)"))
    assert ended["state"] == "finished" and ended["status"] == "error" and ended["exit_code"] == 3, ended


def there_are_none_of_other_keys_and_none_that_never_were(server):
    identifier, key = _accepted(server), server.make_key()

    def accepted():
        """the new key is known"""
        return server.get("/v1/runtimes", key=key).status == 200

    wait_until(accepted)
    for path, more in ((identifier, {"key": key}), ("exe_nothing", {}), ("x" * 200, {})):
        assert _look(server, path, **more).status == 404, path
        assert server.request("DELETE", f"/v1/executions/{path}", **more).status == 404, path
    _wait_ended(server, identifier)
    assert _look(server, identifier, key=key).status == 404


def output_that_is_too_large_to_be_kept_is_cut():
    with Server({"output_bytes_max": 1 << 26}) as server:
        code = "import sys; sys.stdout.buffer.write(bytes(8 << 20))"
        ended = _wait_ended(server, _accepted(server, code))
        assert ended["state"] == "finished" and ended["result"]["stdout_truncated"], ended["result"].keys()
        assert len(ended["result"]["stdout"]) == 512 << 10


def it_runs_in_a_session_as_any_run(server):
    code = "import os; n = len(os.listdir('.')); open(f'f{n}', 'w'); print(sorted(f for f in os.listdir('.') if f[0] == 'f'))"
    outputs = [_wait_ended(server, _accepted(server, code, session_id="mine"))["result"]["stdout"] for _ in range(3)]
    assert [output.count("'") // 2 for output in outputs] == [1, 2, 3], outputs


# --- waiting, cancelling ---

def those_of_a_key_wait_in_order_and_are_cancelled():
    with Server({"jobs_running_max": 1}) as server:
        running, *waiting = [_accepted(server, SLEEP.format(30)) for _ in range(4)]
        _wait_running(server, running)
        assert [_look(server, i).json["position"] for i in waiting] == [1, 2, 3]
        reply = server.request("DELETE", f"/v1/executions/{waiting[1]}")
        assert reply.status == 200 and reply.json["state"] == "cancelled" and reply.json["attempts"] == 0, reply
        assert _look(server, waiting[1]).json == reply.json
        assert _look(server, waiting[2]).json["position"] == 2
        reply = server.request("DELETE", f"/v1/executions/{running}")
        assert reply.status == 200 and reply.json["state"] == "cancelled" and reply.json["attempts"] == 1, reply
        _wait_running(server, waiting[0])
        assert server.request("DELETE", f"/v1/executions/{running}").status == 409
        for identifier in (waiting[0], waiting[2]):
            assert server.request("DELETE", f"/v1/executions/{identifier}").status == 200
        server.wait_idle()
        assert server.metrics()["sandglass_executions_active"] == 0


def past_the_most_others_are_refused():
    with Server({"jobs_running_max": 1, "jobs_max": 2}) as server:
        for _ in range(2):
            _accepted(server, SLEEP.format(30))
        reply = _accept(server)
        assert reply.status == 429 and reply.error["code"] == "queue_full" and reply.error["retryable"], reply


# --- lists ---

def lists_have_pages_and_filters():
    with Server({"jobs_running_max": 1}) as server:
        ended = [_accepted(server, f"print({i})") for i in range(5)]
        for identifier in ended:
            _wait_ended(server, identifier)
        running, queued = _accepted(server, SLEEP.format(30)), _accepted(server, language="bash", code="true")
        _wait_running(server, running)

        def ids(query=""):
            return [row["id"] for row in server.get(f"/v1/executions{query}").json["executions"]]

        everything = sorted([*ended, running, queued], reverse=True)
        assert ids() == everything
        found, before = [], ""
        while before is not None:
            page = server.get(f"/v1/executions?count=3{before and '&before=' + before}").json
            found, before = found + [row["id"] for row in page["executions"]], page["next"]
        assert found == everything
        assert ids("?state=running") == [running] and ids("?state=queued") == [queued]
        assert ids("?state=finished") == sorted(ended, reverse=True) and ids("?state=lost") == []
        assert ids("?language=bash") == [queued]
        for query in ("?count=0", "?count=101", "?count=x", "?state=well", "?before=" + "x" * 40):
            assert server.get("/v1/executions" + query).status == 400, query


def results_are_kept_for_a_while():
    with Server({"job_time_ms": 1000}) as server:
        identifier = _accepted(server)
        _wait_ended(server, identifier)

        def swept():
            """the result is gone"""
            return _look(server, identifier).status == 404

        wait_until(swept)


# --- sent again ---

def with_an_idempotency_key_it_is_the_same_job_also_after_a_restart():
    with Server() as server:
        header = [("Idempotency-Key", "one")]
        first = _accept(server, headers=header)
        assert first.status == 202
        again = _accept(server, headers=header)
        assert again.status == 202 and again.body == first.body and again.header("Idempotency-Replayed") == "true", again
        server.wait_restarted("front", server.kill("front"))
        again = _accept(server, headers=header)
        assert again.status == 202 and again.body == first.body and again.header("Idempotency-Replayed") == "true", again
        assert again.header("Location") == f"/v1/executions/{first.json['id']}"
        server.wait_restarted("front", server.kill("front"))
        other = _accept(server, "print(2)", headers=header)
        assert other.status == 422 and other.error["code"] == "idempotency_key_reused", other
        assert len(server.get("/v1/executions").json["executions"]) == 1


# --- followed ---

def _events(server, identifier, within=30):
    """(name, data) of each event until the stream ends."""
    head = f"GET /v1/executions/{identifier}/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.key}\r\nConnection: close\r\n\r\n"
    text = server.raw(head.encode(), within).decode()
    assert text.startswith("HTTP/1.1 200"), text
    return [(name, json.loads(data)) for name, data in re.findall(r"event: (\w+)\ndata: (.*)\n", text)]


def it_can_be_followed_while_it_waits_and_runs():
    with Server({"jobs_running_max": 1}) as server:
        first = _accepted(server, SLEEP.format(1))
        second = _accepted(server, "print('one', flush=True); import time; time.sleep(1); print('two')")
        events = _events(server, second)
        assert [name for name, _ in events] == ["started", "stdout", "stdout", "result"], events
        assert events[-1][1]["body"]["stdout"] == "one\ntwo\n" and events[-1][1]["body"]["id"] == second
        assert _events(server, first)[-1][0] == "result"


def long_after_its_end_the_last_event_is_left():
    with Server({"stream_time_ms": 0}) as server:
        ended, identifier = _wait_ended(server, _accepted(server)), _accepted(server, SLEEP.format(30))
        (name, data), = _events(server, ended["id"])
        assert name == "result" and data["body"] == ended["result"], data
        server.request("DELETE", f"/v1/executions/{identifier}")
        (name, data), = _events(server, identifier)
        assert name == "error" and data["body"]["state"] == "cancelled", data
        assert server.get("/v1/executions/exe_nothing/events").status == 404


# --- the command line ---

def the_command_line_leaves_a_job_and_gets_its_result(server):
    env = {"SANDGLASS_URL": f"http://127.0.0.1:{server.port}", "SANDGLASS_API_KEY": server.key}
    done = server.cli("exec", "--async", "--runtime", "python", "print('left'); exit(3)", env=env)
    identifier = done.stdout.decode().strip()
    assert done.returncode == 0 and identifier.startswith("exe_"), done
    _wait_ended(server, identifier)
    done = server.cli("jobs", identifier, env=env)
    assert (done.returncode, done.stdout) == (3, b"left\n"), done
    listed = server.cli("jobs", env=env).stdout.decode().splitlines()
    assert listed[1].split()[:4] == [identifier, "python", "finished", "error"], listed
    assert json.loads(server.cli("jobs", "--json", identifier, env=env).stdout)["id"] == identifier
    assert b"no execution" in server.cli("jobs", "exe_nothing", env=env).stderr
    assert server.cli("jobs", "../x", env=env).returncode == 64


# --- audit ---

def who_ran_what_is_told_by_the_api_and_by_the_command_line():
    with Server() as server:
        identifier = server.run("python", "print(1)")["id"]
        job = _accepted(server, "exit(3)")
        _wait_ended(server, job)
        again = server.run("python", "print(1)")["id"]
        cancelled = _accepted(server, SLEEP.format(30))
        _wait_running(server, cancelled)
        server.request("DELETE", f"/v1/executions/{cancelled}")

        def lines(query=""):
            reply = server.get("/v1/audit" + query)
            assert reply.status == 200 and (not reply.body or reply.header("Content-Type") == "application/x-ndjson"), reply
            return [json.loads(line) for line in reply.body.splitlines()]

        def all_there():
            """all four are in the database"""
            return len(lines()) == 4

        wait_until(all_there)
        runs = {run["id"]: run for run in lines()}
        assert [runs[i]["outcome"] for i in (identifier, job, again, cancelled)] == ["ok", "error", "ok", "cancelled"]
        assert runs[identifier]["sha256"] == runs[again]["sha256"] != runs[job]["sha256"] and runs[job]["exit_code"] == 3
        first, second = lines("?count=2"), lines(f"?after={lines('?count=2')[-1]['row']}")
        assert first + second == lines() and lines(f"?since_ms={2 ** 50}") == []
        for query in ("?count=0", "?count=1001", "?after=x", "?since_ms="):
            assert server.get("/v1/audit" + query).status == 400, query
        key = server.make_key()

        def accepted():
            """the new key is known"""
            return server.get("/v1/runtimes", key=key).status == 200

        wait_until(accepted)
        assert server.get("/v1/audit", key=key).body == b""
        done = server.cli("audit", "--since", "1h", "--json", "--config", server.config_path())
        told = [json.loads(line) for line in done.stdout.splitlines()]
        assert done.returncode == 0 and [{k: v for k, v in run.items() if k != "key_id"} for run in told] == lines(), done
        assert len({run["key_id"] for run in told}) == 1
        assert b"print(1)" not in done.stdout + server.get("/v1/audit").body


def one_that_is_lost_is_in_the_audit_as_one_that_ran():
    with Server() as server:
        code = SLEEP.format(0.5)
        known, identifier = server.run("python", code)["id"], _accepted(server, code)
        _wait_running(server, identifier)
        server.wait_restarted("front", server.kill("front"))
        lost = _wait_ended(server, identifier)
        assert lost["state"] == "lost", lost
        runs = {run["id"]: run for run in map(json.loads, server.get("/v1/audit").body.splitlines())}
        assert runs[identifier]["outcome"] == "lost" and runs[known]["outcome"] == "ok", runs
        assert lost["sha256"] == runs[identifier]["sha256"] == runs[known]["sha256"], (lost, runs)


def a_run_that_was_followed_and_failed_is_in_the_audit():
    with Server() as server, events.execute(server, "bash", "sleep 30") as stream:
        assert stream.event().name == "started"
        server.wait_restarted("spawner", server.kill("spawner"))
        assert stream.rest()[-1].name == "error"
        wait_until(lambda: server.get("/v1/audit").body)
        assert [json.loads(line)["outcome"] for line in server.get("/v1/audit").body.splitlines()] == ["failed"]


LONG = {"language": "bash", "code": "sleep 30"}


def _by_socket(server):
    socket = websocket.WebSocket(server, "/v1/connect")
    socket.send(LONG)
    return socket.connection


def _by_post(path, body):
    def send(server):
        connection = server.connect()
        connection.send(encode_request("POST", path, json.dumps(body).encode(), server.auth()))
        return connection
    return send


WAYS = {"execute": _by_post("/v1/execute", LONG), "batch": _by_post("/v1/batch", {**LONG, "tests": [{}]}),
        "nadoo": _by_post("/api/v1/execute/batch", [LONG]), "socket": _by_socket}


@cases(*WAYS)
def whoever_goes_away_has_cancelled_what_ran(way):
    with Server() as server:
        connection = WAYS[way](server)
        wait_until(lambda: server.metrics()["sandglass_slots_running"] == 1)
        connection.close()
        wait_until(lambda: server.get("/v1/audit").body)
        assert [json.loads(line)["outcome"] for line in server.get("/v1/audit").body.splitlines()] == ["cancelled"]


# --- a slow database ---

def what_is_done_behind_leaves_callers_their_places():
    settings = {"jobs_running_max": 300, "runs_max": 2, "queue_max_per_key": 1000}
    with Server(settings) as server:
        ahead = [WAYS["execute"](server) for _ in range(2)]
        wait_until(lambda: server.metrics()["sandglass_slots_running"] == 2)
        for _ in range(280):
            _accepted(server, "true", language="bash")
        wait_until(lambda: server.metrics()["sandglass_executions_active"] == 280, 60)
        os.kill(server.pid_of("store"), signal.SIGSTOP)
        replies = []
        asker = threading.Thread(target=lambda: replies.append(server.get("/v1/executions?count=1")))
        try:
            for connection in ahead:
                connection.close()
            server.wait_idle(120)  # all of them wait for their ends to be kept
            asker.start()
            time.sleep(0.3)
        finally:
            os.kill(server.pid_of("store"), signal.SIGCONT)
        asker.join()
        assert replies[0].status == 200, replies
        _none_left(server)


# --- killed ---

JOBS = 500


class _Marks:
    """
    An image in which each job can leave one mark that this host sees, whatever the server says: the kernel tells how
    often each of its files was opened.
    """

    def __init__(self, count):
        self.dir = tempfile.mkdtemp(prefix="sandglass-marks-")
        os.chmod(self.dir, 0o755)
        for source in (paths.IMAGES / "default").iterdir():
            if source.name != "root":
                shutil.copy(source, self._made("images/default"))
        self.root = self._made("images/default/root")
        lower, upper, work = paths.IMAGES / "default/root", self._made("upper"), self._made("work")
        self._made("upper/opt/marks")
        for number in range(count):
            with open(f"{upper}/opt/marks/{number}", "w", encoding="utf-8") as file:
                file.write("x")
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", f"lowerdir={lower},upperdir={upper},workdir={work}",
                        self.root], check=True)
        self.opened = [0] * count
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.fd = self.libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        self.number_of = {self._watch(number): number for number in range(count)}

    def _made(self, path):
        os.makedirs(f"{self.dir}/{path}", exist_ok=True)
        return f"{self.dir}/{path}"

    def _watch(self, number):
        wd = self.libc.inotify_add_watch(self.fd, f"{self.root}/opt/marks/{number}".encode(), 0x20)  # IN_OPEN
        assert wd >= 0, os.strerror(ctypes.get_errno())
        return wd

    def open(self):
        """From here on the jobs go ahead, all of which have been accepted: those that are to be met by a kill are under way."""
        with open(f"{self.root}/opt/marks/open", "w", encoding="utf-8"):
            pass

    def counts(self):
        """How often each was opened so far."""
        while True:
            try:
                data = os.read(self.fd, 1 << 16)
            except BlockingIOError:
                return self.opened
            at = 0
            while at < len(data):
                wd, _, _, length = struct.unpack_from("iIII", data, at)
                self.opened[self.number_of[wd]] += 1
                at += 16 + length

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.fd)
        subprocess.run(["umount", "-l", self.root], check=True)
        shutil.rmtree(self.dir)


def _leave_mark(number):
    return f"until [ -e /opt/marks/open ]; do sleep 0.2; done; read -r -N 1 x < /opt/marks/{number}; sleep 0.1; echo done {number}"


def _all_executions(server):
    found, before = [], ""
    while before is not None:
        page = server.get(f"/v1/executions{before and '?before=' + before}").json
        found, before = found + page["executions"], page["next"]
    return found


def _some_ended(server, count):
    def ended():
        """some have ended"""
        return sum(row["state"] not in ("queued", "running") for row in _all_executions(server)) >= count

    wait_until(ended, 60)


def _none_left(server, within=120):
    def ended():
        """all have ended"""
        m = server.metrics()
        return m["sandglass_executions_waiting"] + m["sandglass_executions_active"] == 0 and not any(
            row["state"] in ("queued", "running") for row in _all_executions(server))

    wait_until(ended, within)


def _audit(server):
    done = server.cli("audit", "--json", "--config", server.config_path())
    assert done.returncode == 0, done
    return [json.loads(line) for line in done.stdout.splitlines()]


def _kill_everything(server):
    """The parent last: it would start the others again."""
    pids = server.roles()
    os.kill(pids["parent"], signal.SIGSTOP)
    for role in ("store", "front", "spawner", "parent"):
        os.kill(pids[role], signal.SIGKILL)
    server.process.wait()
    server.start()


@needs_root
@cases(0, 2)
def whatever_is_killed_every_job_is_run_once_or_lost_by_name(retry):
    with _Marks(JOBS) as marks, Server({"image_dir": f"{marks.dir}/images", "jobs_running_max": 8}) as server:
        accepted = {}
        for number in range(JOBS):
            accepted[_accepted(server, _leave_mark(number), language="bash", retry=retry, limits={"wall_time_ms": 300000})] = number
        marks.open()
        for done, role in enumerate(("front", "spawner", "store"), 1):
            _some_ended(server, done * 40)
            server.wait_restarted(role, server.kill(role))
        _some_ended(server, 160)
        _kill_everything(server)
        _none_left(server)
        rows = {row["id"]: row for row in _all_executions(server)}
        assert rows.keys() == accepted.keys()
        counts, lost = marks.counts(), 0
        for identifier, number in accepted.items():
            row = rows[identifier]
            assert counts[number] <= row["attempts"] <= 1 + retry, (row, counts[number])
            if row["state"] == "lost":
                assert row["error"]["code"] == "unavailable" and row["attempts"] == 1 + retry, row
                lost += 1
                continue
            result = _look(server, identifier).json["result"]
            assert row["state"] == "finished" and result["stdout"] == f"done {number}\n" and counts[number] >= 1, row
        told = [run["id"] for run in _audit(server) if run["outcome"] == "lost"]
        assert len(told) == len(set(told)) and {i for i, row in rows.items() if row["state"] == "lost"} <= set(told), told
        print(f"{JOBS} jobs, retry {retry}: {lost} lost, {sum(row['attempts'] - 1 for row in rows.values())} begun again")
        assert lost <= 4 * 8
        assert retry or lost > 0


def one_that_was_claimed_and_found_no_place_is_not_lost():
    with Server({"runs_max": 1, "queue_max": 0, "queue_max_per_key": 0}) as server:
        with server.connect() as connection:
            connection.send(server.encoded("python", SLEEP.format(20)))
            wait_until(lambda: server.metrics()["sandglass_jobs_running"] == 1)
            identifier = _accepted(server)
            wait_until(lambda: server.metrics()["sandglass_jobs_refused_total"] >= 3)
            assert _look(server, identifier).json["state"] == "queued"
            _kill_everything(server)
        ended = _wait_ended(server, identifier)
        assert ended["state"] == "finished" and ended["attempts"] == 1, ended
