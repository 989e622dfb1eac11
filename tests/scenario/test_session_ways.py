# SPDX-License-Identifier: Apache-2.0
"""A session by every way that a run can be asked for: events, jobs, a connection, a batch; and their turns."""

import json
import threading
import time

from lib import events
from lib.client import wait_until
from lib.scenario import cases
from lib.websocket import WebSocket

SETTINGS = {"stream_heartbeat_ms": 200}

COUNT = "import os; n = len([f for f in os.listdir('.') if f[0] == 'f']); open(f'f{n}', 'w'); print(n)"


def _make(server, **fields):
    reply = server.post("/v1/sessions", fields)
    assert reply.status == 201, reply
    return reply.json["id"]


def _names(server, session):
    return [file["path"] for file in server.get(f"/v1/sessions/{session}/files").json["files"]]


def _stream(server, session, code=COUNT, headers=(), **fields):
    with events.execute(server, "python", code, headers=headers, session_id=session, **fields) as stream:
        found = stream.rest()
    assert stream.status == 200, (stream.status, stream.text)
    return stream, found


def _result(found):
    assert found[-1].name == "result" and found[-1].data["status"] == 200, found
    return found[-1].data["body"]


def _job(server, session, code=COUNT, **fields):
    body = {"language": "python", "code": code, "session_id": session, "async": True, **fields}
    reply = server.post("/v1/execute", body)
    assert reply.status == 202, reply
    return reply.json["id"]


def _ended(server, job):
    def result():
        """the job has ended"""
        return server.get(f"/v1/executions/{job}").json.get("result")
    return wait_until(result, 30)


# --- events ---

def runs_that_are_told_in_events_find_each_others_files(server):
    session = _make(server)
    for n in range(3):
        _, found = _stream(server, session)
        assert [e.name for e in found] == ["started", "stdout", "result"] and found[1].data["data"] == f"{n}\n", found
        assert _result(found)["session"]["id"] == session and _result(found)["session"]["kept"], found
    assert _names(server, session) == ["f0", "f1", "f2"]


def the_result_comes_when_the_files_are_there(server):
    session = _make(server)
    with events.execute(server, "python", "open('x', 'wb').write(bytes(9 << 20)); print(1)", session_id=session) as stream:
        assert stream.rest()[-1].name == "result"
        assert _names(server, session) == ["x"]


def who_waits_for_the_turn_hears_that_the_server_is_there(server):
    session = _make(server)
    first = threading.Thread(target=_stream, args=(server, session, "import time; time.sleep(1.2); open('first', 'w')"))
    first.start()
    time.sleep(0.3)
    stream, found = _stream(server, session, "import os; print(os.path.exists('first'))")
    first.join()
    assert found[1].data["data"] == "True\n" and stream.heartbeats >= 2, (stream.heartbeats, found)


def a_reader_who_goes_leaves_the_session_as_it_was(server):
    session = _make(server, files={"a": "1"})
    stream = events.execute(server, "python", "open('x', 'w'); print(1, flush=True); import time; time.sleep(30)", session_id=session)
    assert [stream.event().name for _ in range(2)] == ["started", "stdout"]
    stream.connection.close()
    assert _result(_stream(server, session, "print(1)")[1])["status"] == "ok"
    assert _names(server, session) == ["a"]


def a_run_that_goes_on_without_its_reader_is_kept(server):
    session = _make(server)
    headers = (("Prefer", "resumable"),)
    stream = events.execute(server, "python", "import time; time.sleep(1); open('x', 'w')", headers=headers, session_id=session)
    identifier = stream.headers["X-Execution-Id"]
    assert stream.event().name == "started"
    stream.connection.close()
    with events.follow(server, identifier) as again:
        assert _result(again.rest())["session"]["kept"]
    assert _names(server, session) == ["x"]


@cases(({"session_id": "ses_01m7wzabxed5dreh89qxpcvjsq", "code": ""}, 404, "not_found"), ({"session_id": "s", "entrypoint": "none"}, 400, "invalid_field"))
def what_is_wrong_with_the_session_is_told_as_an_event(server, fields, status, code):
    body = json.dumps({"language": "python", **fields}).encode()
    with events.open_stream(server, "POST", "/v1/execute", body) as stream:
        found = stream.rest()
    assert [e.name for e in found] == ["error"], found
    assert (found[0].data["status"], found[0].data["body"]["error"]["code"]) == (status, code), found


# --- jobs ---

def jobs_take_their_turns_and_say_what_was_kept(server):
    session = _make(server)
    results = [_ended(server, job) for job in [_job(server, session) for _ in range(4)]]
    assert sorted(result["stdout"] for result in results) == ["0\n", "1\n", "2\n", "3\n"], results
    assert all(result["session"]["id"] == session and result["session"]["kept"] for result in results)


def the_events_of_a_job_have_its_session(server):
    session = _make(server)
    with events.follow(server, _job(server, session)) as stream:
        assert _result(stream.rest())["session"]["id"] == session
    assert _names(server, session) == ["f0"]


def a_job_whose_session_has_gone_meanwhile_says_so(server):
    session = _make(server)
    first = _job(server, session, "import time; time.sleep(3)")
    second = _job(server, session)
    assert server.request("DELETE", f"/v1/sessions/{session}").status == 200

    def ended():
        """the second job has ended"""
        answer = server.get(f"/v1/executions/{second}").json
        return answer if answer["state"] not in ("queued", "running") else None
    answer = wait_until(ended, 20)
    assert answer["error"]["code"] == "not_found" and "session" in answer["error"]["message"], answer
    server.request("DELETE", f"/v1/executions/{first}")


def a_cancelled_job_leaves_the_session_as_it_was(server):
    session = _make(server)
    job = _job(server, session, "open('x', 'w'); import time; time.sleep(60)")
    wait_until(lambda: server.get(f"/v1/executions/{job}").json["state"] == "running")
    time.sleep(0.3)
    assert server.request("DELETE", f"/v1/executions/{job}").status == 200
    assert _result(_stream(server, session, "print(1)")[1])["status"] == "ok"
    assert _names(server, session) == []


# --- connections ---

def a_connection_is_a_run_of_the_session(server):
    session = _make(server, files={"name": "first"})
    with WebSocket(server, "/v1/connect") as socket:
        socket.send({"language": "python", "code": "print(open('name').read()); open('name', 'w').write(input())", "session_id": session})
        assert socket.receive()["type"] == "started" and socket.receive()["data"] == "first\n"
        socket.send({"type": "stdin", "data": "second\n"})
        messages, closed = socket.until_closed()
    assert messages[-1]["result"]["session"]["kept"] and closed[0] == 1000, (messages, closed)
    assert _stream(server, session, "print(open('name').read())")[1][1].data["data"] == "second\n"


def a_connection_that_is_left_leaves_the_session_as_it_was(server):
    session = _make(server, files={"name": "first"})
    with WebSocket(server, "/v1/connect") as socket:
        socket.send({"language": "python", "code": "open('name', 'w').write('x'); print(1, flush=True); input()", "session_id": session})
        assert socket.receive()["type"] == "started" and socket.receive()["data"] == "1\n"
    assert _stream(server, session, "print(open('name').read())")[1][1].data["data"] == "first\n"


# --- batches ---

@cases(({"session_id": "s"}, "session_id"), ({"stateful": True}, "stateful"), ({"background": True}, "background"))
def there_are_no_sessions_in_batches(server, fields, name):
    reply = server.post("/v1/batch", {"language": "python", "code": "1", "tests": [{}], **fields})
    assert reply.status == 400 and reply.error["code"] == "invalid_field" and reply.error["field"] == name, reply
    assert name in reply.error["message"], reply
