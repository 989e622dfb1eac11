# SPDX-License-Identifier: Apache-2.0
"""Bodies that nobody keeps whole: stdin that a program gets as it comes, and files on their way into sessions."""

import contextlib
import hashlib
import json
import os
import signal
import socket
import threading
import time

from lib import events, host
from lib.client import Closed, wait_until
from lib.scenario import cases
from lib.server import Server, gone

SETTINGS = {"body_bytes_max": 2 << 20, "stdin_bytes_max": 1 << 20, "code_bytes_max": 1 << 20, "stdin_stream_bytes_max": 400 << 20,
            "disk_bytes_max": 1 << 30, "body_time_ms": 3000}

BOUNDARY = b"b0undary"
GROWTH = 24 << 20  # of the front, whatever comes through it
COUNT = ("import sys, hashlib\nh, n = hashlib.sha256(), 0\n"
         "while (b := sys.stdin.buffer.read(65536)): h.update(b); n += len(b)\nprint(n, h.hexdigest())")


def _part(name, more=b""):
    return b"--" + BOUNDARY + b'\r\nContent-Disposition: form-data; name="' + name + b'"' + more + b"\r\n\r\n"


def _opening(code, language="python", **fields):
    """What comes before the bytes of stdin."""
    request = json.dumps({"language": language, "code": code, **fields}).encode()
    return _part(b"request", b"\r\nContent-Type: application/json") + request + b"\r\n" + _part(b"stdin", b'; filename="x"')


CLOSING = b"\r\n--" + BOUNDARY + b"--\r\n"


def _head(server, length=None, more=(), path="/v1/execute", method="POST", media=True):
    lines = [f"{method} {path} HTTP/1.1", "Host: a", f"Authorization: Bearer {server.key}"]
    lines += [f"Content-Type: multipart/form-data; boundary={BOUNDARY.decode()}"] if media else []
    lines += ["Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"]
    return "\r\n".join([*lines, *more]).encode() + b"\r\n\r\n"


def _chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def _execute(server, code, data, more=(), **fields):
    """One request with a stdin of these bytes, all at once."""
    body = _opening(code, **fields) + data + CLOSING
    with server.connect() as connection:
        connection.send(_head(server, len(body), more) + body)
        return connection.receive()


def _good(reply, status=200):
    assert reply.status == status, reply
    return reply.json


def _refused(reply, status, code, *words):
    assert reply.status == status and reply.error["code"] == code, reply
    assert all(word in reply.error["message"] for word in words), reply


def _memory(server):
    """Makes the front's peak what it has now, and says that, in bytes: proc(5), clear_refs."""
    with open(f"/proc/{server.pid_of('front')}/clear_refs", "w", encoding="ascii") as file:
        file.write("5")
    return _peak(server)


def _peak(server):
    return host.rss_peak_kib(server.pid_of("front")) << 10


def _idle(server):
    wait_until(lambda: server.metrics()["sandglass_jobs_running"] == 0)


# --- stdin ---

def a_program_gets_what_is_sent_behind_its_request(server):
    data = b"one\r\ntwo\r\n--b0undar\r\n\0\xff\r\n"
    result = _good(_execute(server, COUNT, data))
    assert result["status"] == "ok" and result["stdout"] == f"{len(data)} {hashlib.sha256(data).hexdigest()}\n", result


def nothing_is_an_empty_stdin(server):
    assert _good(_execute(server, COUNT, b""))["stdout"].startswith("0 ")
    body = _part(b"request") + json.dumps({"language": "python", "code": COUNT}).encode() + CLOSING
    with server.connect() as connection:
        connection.send(_head(server, len(body)) + body)
        assert _good(connection.receive())["stdout"].startswith("0 ")


def a_compiled_program_gets_it_too(server):
    code = "#include <stdio.h>\nint main(void){long n=0;while(getchar()!=EOF)n++;printf(\"%ld\\n\",n);}"
    result = _good(_execute(server, code, b"x" * 300000, language="c"))
    assert result["stdout"] == "300000\n", result


def much_more_than_a_body_goes_through_without_being_kept(server):
    size, piece = 300 << 20, os.urandom(1 << 20)
    expected = hashlib.sha256()
    opening = _opening(COUNT, limits={"wall_time_ms": 60000})
    before = _memory(server)
    with server.connect() as connection:
        connection.send(_head(server, len(opening) + size + len(CLOSING)) + opening)
        for _ in range(size // len(piece)):
            expected.update(piece)
            connection.send(piece)
        connection.send(CLOSING)
        result = _good(connection.receive())
        assert result["stdout"] == f"{size} {expected.hexdigest()}\n", result
        assert connection.request("GET", "/v1/runtimes", headers=server.auth()).status == 200
    assert _peak(server) - before < GROWTH, (before, _peak(server))


def it_begins_before_all_has_come_and_answers_meanwhile(server):
    code = "import sys\nfor line in sys.stdin: print(line.upper(), end='', flush=True)"
    with server.connect() as connection:
        connection.send(_head(server, more=["Accept: text/event-stream"]) + _chunk(_opening(code)))
        status, headers = connection._head()  # pylint: disable=protected-access
        assert status == 200
        with events.Stream(connection, status, headers) as stream:
            assert stream.event().name == "started"
            for word in ("one", "two"):
                connection.send(_chunk(word.encode() + b"\n"))
                event = stream.event()
                assert event.name == "stdout" and event.data["data"] == word.upper() + "\n", event
            connection.send(_chunk(CLOSING) + b"0\r\n\r\n")
            assert stream.event().data["body"]["status"] == "ok" and stream.event() is None


def a_program_that_does_not_read_makes_its_caller_wait(server):
    code = "import time, sys\ntime.sleep(5)\nprint(len(sys.stdin.read()))"  # longer than body_time_ms
    size = 30 << 20
    opening = _opening(code)
    before = _memory(server)
    with server.connect() as connection:
        connection.send(_head(server, len(opening) + size + len(CLOSING)) + opening)
        connection.sock.settimeout(1)
        sent = 0
        try:
            while sent < size:
                sent += connection.sock.send(b"x" * min(size - sent, 1 << 18))
        except socket.timeout:
            pass
        assert sent < size, "nobody waited"
        connection.sock.settimeout(60)
        connection.send(b"x" * (size - sent) + CLOSING)
        assert _good(connection.receive())["stdout"] == f"{size}\n"
    assert _peak(server) - before < GROWTH, (before, _peak(server))


def a_program_that_ends_early_is_answered_for_at_once(server):
    opening = _opening("print('done')")
    with server.connect() as connection:
        connection.send(_head(server, 300 << 20) + opening + b"x" * 100000)
        reply = connection.receive()
        assert _good(reply)["stdout"] == "done\n" and reply.header("Connection") == "close", reply


def who_listens_only_after_sending_hears_it_too(server):
    assert _good(_execute(server, "print('done')", b"x" * (20 << 20)))["stdout"] == "done\n"


def the_rest_is_passed_over_by_a_program_that_has_closed_it(server):
    code = "import os, time\nos.close(0)\ntime.sleep(1)\nprint('done')"
    reply = _execute(server, code, b"x" * (100 << 20))
    assert _good(reply)["stdout"] == "done\n" and not reply.header("Connection"), reply


def a_caller_who_goes_ends_the_run(server):
    with server.connect() as connection:
        connection.send(_head(server, 1 << 20) + _opening("cat; sleep 1347", language="bash") + b"x" * 1000)
        pids = wait_until(lambda: [p for p in server.processes() if "cat" in host.command_line(p)])
    assert gone(pids)
    _idle(server)


def a_caller_who_stalls_is_late(server):
    with server.connect() as connection:
        connection.send(_head(server, 1 << 20) + _opening("import sys; sys.stdin.read()") + b"x" * 1000)
        began = time.monotonic()
        _refused(connection.receive(), 408, "request_timeout")
        assert 2 < time.monotonic() - began < 9 and connection.is_closed(within=20)
    _idle(server)


def also_in_the_middle_of_the_request(server):
    with server.connect() as connection:
        connection.send(_head(server, 1 << 20) + _opening("print(1)")[:60])
        _refused(connection.receive(), 408, "request_timeout")


def a_server_that_is_stopped_lets_it_come_to_its_end():
    with Server(SETTINGS) as server, server.connect() as connection, server.connect() as idle:
        connection.send(_head(server) + _chunk(_opening(COUNT)) + _chunk(b"x" * 1000))
        wait_until(lambda: server.metrics()["sandglass_jobs_running"] == 1)
        idle.send(_head(server)[:40])
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        assert server.process.poll() is None
        idle.send(_head(server)[40:] + _chunk(_opening(COUNT)))
        _refused(idle.receive(), 503, "draining")
        connection.send(_chunk(b"x" * 1000 + CLOSING) + b"0\r\n\r\n")
        assert _good(connection.receive())["stdout"].startswith("2000 ")
        assert server.process.wait(20) == 0


def a_stall_is_an_event_where_events_are_sent(server):
    with server.connect() as connection:
        opening = _opening("import sys; sys.stdin.read()")
        connection.send(_head(server, 1 << 20, ["Accept: text/event-stream"]) + opening + b"x" * 1000)
        status, headers = connection._head()  # pylint: disable=protected-access
        with events.Stream(connection, status, headers) as stream:
            found = stream.rest()
    assert [e.name for e in found] == ["started", "error"], found
    assert found[-1].data["status"] == 408 and found[-1].data["body"]["error"]["code"] == "request_timeout", found
    _idle(server)


def it_may_have_so_many_bytes_and_no_more(server):
    with Server({**SETTINGS, "stdin_stream_bytes_max": 300000}) as small:
        assert _good(_execute(small, COUNT, b"x" * 300000))["stdout"].startswith("300000 ")
        _refused(_execute(small, COUNT, b"x" * 300001), 400, "limit_exceeded", "300000", "stdin_stream_bytes_max")
        with small.connect() as connection:
            connection.send(_head(small, 1 << 30, ["Expect: 100-continue"]))
            _refused(connection.receive(), 400, "limit_exceeded", "stdin_stream_bytes_max")
        _idle(small)


@cases(
    ("async", {"async": True}, (), "invalid_field", "stdin"),
    ("prefer", {}, ("Prefer: respond-async",), "invalid_field", "stdin"),
    ("key", {}, ("Idempotency-Key: a",), "bad_request", "Idempotency-Key"),
    ("twice", {"stdin": "x"}, (), "invalid_field", "stdin"),
    ("unknown", {"frobnicate": 1}, (), "unknown_field", "frobnicate"),
)
def what_cannot_be_is_refused(server, _name, fields, more, code, word):
    _refused(_execute(server, "print(1)", b"x", more, **fields), 400, code, word)


@cases(
    ("stdin first", _part(b"stdin") + b"x" + CLOSING),
    ("a third", _opening("cat", language="bash") + b"x\r\n" + _part(b"more") + b"y" + CLOSING),
    ("something behind", _opening("cat", language="bash") + b"x" + CLOSING + b"POST / HTTP/1.1"),
    ("no end", _opening("cat", language="bash") + b"x"),
    ("no boundary", b"x" * 100),
    ("another type", _part(b"request", b"\r\nContent-Type: text/plain") + b"{}" + CLOSING),
)
def parts_are_these_two_in_this_order(server, _name, body):
    with server.connect() as connection:
        connection.send(_head(server, len(body)) + body)
        reply = connection.receive()
        assert reply.status in (400, 415), reply
    _idle(server)


@cases(b"5 \r\nhello\r\n", b"0x5\r\nhello\r\n", b"5\r\nhello!\r\n", b"5\nhello\r\n", b"fffffffffffffffff\r\n")
def a_body_with_two_readings_is_refused_in_the_middle_of_a_run(server, chunk):
    answer = server.raw(_head(server) + _chunk(_opening("cat", language="bash")) + chunk +
                        b"0\r\n\r\nGET /v1/runtimes HTTP/1.1\r\nHost: a\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 4") and answer.count(b"HTTP/1.1") == 1, answer
    _idle(server)


def it_needs_a_key_before_anything_is_read(server):
    with server.connect() as connection:
        connection.send(_head(server, 300 << 20, ["Expect: 100-continue"]).replace(server.key.encode(), b"wrong"))
        assert connection.receive().status == 401


def a_session_and_many_at_once(server):
    made = _good(server.post("/v1/sessions", {}), 201)["id"]
    _good(_execute(server, "import sys, shutil; shutil.copyfileobj(sys.stdin.buffer, open('f', 'wb'))", b"x" * 500000,
                   session_id=made))
    assert server.get(f"/v1/sessions/{made}/files/f").body == b"x" * 500000
    results = []

    def one(number):
        data = bytes([number]) * (3 << 20)
        results.append(_good(_execute(server, COUNT, data))["stdout"] == f"{3 << 20} {hashlib.sha256(data).hexdigest()}\n")

    threads = [threading.Thread(target=one, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 12, results


def an_interpreter_that_stays_takes_none(server):
    made = _good(server.post("/v1/sessions", {"stateful": True, "language": "python"}), 201)["id"]
    _refused(_execute(server, "1", b"x", session_id=made), 409, "conflict", "stdin")


# --- files of sessions ---

def _session(server, **fields):
    return _good(server.post("/v1/sessions", fields), 201)["id"]


def _file(session, name="big"):
    return f"/v1/sessions/{session}/files/{name}"


def _begin(server, session, length=None, name="big", more=()):
    connection = server.connect()
    connection.send(_head(server, length, more, _file(session, name), "PUT", media=False))
    return connection


def _packs(server):
    return sorted(os.listdir(os.path.join(server.dir, "state", "db", "packs")))


def a_file_larger_than_a_body_is_not_kept_in_memory(server):
    size, piece = 300 << 20, os.urandom(1 << 20)
    session = _session(server, limits={"disk_bytes": 512 << 20, "memory_bytes": 1 << 30})
    expected = hashlib.sha256()
    before = _memory(server)
    with _begin(server, session, size) as connection:
        for _ in range(size // len(piece)):
            expected.update(piece)
            connection.send(piece)
        item = _good(connection.receive(), 201)
    assert item["size_bytes"] == size and _peak(server) - before < GROWTH, (item, before, _peak(server))
    got = hashlib.sha256(server.get(_file(session)).body)
    assert got.hexdigest() == expected.hexdigest()
    code = "import hashlib; print(hashlib.file_digest(open('big', 'rb'), 'sha256').hexdigest())"
    result = server.run("python", code, session_id=session, limits={"memory_bytes": 1 << 30, "disk_bytes": 512 << 20})
    assert result["stdout"].strip() == expected.hexdigest(), result
    server.request("DELETE", f"/v1/sessions/{session}")


def chunks_do_as_well_and_replace_what_was_there(server):
    session = _session(server, files={"big": "old", "other": "x"})
    with _begin(server, session) as connection:
        for number in range(40):
            connection.send(_chunk(bytes([number]) * 100000))
        connection.send(b"0\r\n\r\n")
        item = _good(connection.receive())
        assert item["size_bytes"] == 4000000, item
        connection.send(_head(server, None, (), _file(session, "d/e?mode=755"), "PUT", media=False) + b"0\r\n\r\n")
        empty = _good(connection.receive(), 201)
        assert empty["size_bytes"] == 0 and empty["mode"] == "0755", empty
    assert server.get(_file(session)).body == b"".join(bytes([n]) * 100000 for n in range(40))
    assert server.get(_file(session, "other")).body == b"x"
    etag = server.run("python", "open('copy', 'wb').write(open('big', 'rb').read())", session_id=session)
    assert etag["session"]["kept"], etag
    items = {f["path"]: f for f in _good(server.get(f"/v1/sessions/{session}/files"))["files"]}
    assert items["copy"]["etag"] == items["big"]["etag"], items


def its_quota_is_exact(server):
    session = _session(server, limits={"disk_bytes": 1 << 20}, files={"small": "x"})
    room = (1 << 20) - 4096
    for length in (room + 1, 10 << 20):
        with _begin(server, session, length, more=["Expect: 100-continue"]) as connection:
            _refused(connection.receive(), 400, "limit_exceeded", "1048576")
    with _begin(server, session) as connection:
        try:
            for _ in range(200):
                connection.send(_chunk(b"x" * 65536))
        except (BrokenPipeError, ConnectionResetError):
            pass
        _refused(connection.receive(), 400, "limit_exceeded", "1048576")
    with _begin(server, session, room) as connection:
        connection.send(b"y" * room)
        _good(connection.receive(), 201)
    listed = _good(server.get(f"/v1/sessions/{session}/files"))
    assert listed["used_bytes"] == listed["disk_bytes"] == 1 << 20, listed
    with _begin(server, session, room) as connection:  # in the place of the other one
        connection.send(b"z" * room)
        _good(connection.receive(), 200)
    assert server.get(_file(session)).body == b"z" * room


def what_a_key_sends_at_once_is_bounded():
    with Server({**SETTINGS, "session_bytes_per_key_max": 8 << 20}) as small:
        first, second = _session(small), _session(small)
        with _begin(small, first, 5 << 20) as connection:
            connection.send(b"x" * (1 << 20))
            wait_until(lambda: any(name.startswith("new-") for name in _packs(small)))
            with _begin(small, second, 5 << 20) as other:
                _refused(other.receive(), 400, "limit_exceeded", "session_bytes_per_key_max")
        wait_until(lambda: not _packs(small))
        with _begin(small, second, 5 << 20) as connection:
            connection.send(b"x" * (5 << 20))
            _good(connection.receive(), 201)


def so_many_files_may_be_on_their_way_at_once(server):
    session = _session(server)
    with contextlib.ExitStack() as stack:
        for number in range(256):
            stack.enter_context(_begin(server, session, name=f"f{number}")).send(_chunk(b"x"))
        wait_until(lambda: sum(name.startswith("new-") for name in _packs(server)) == 256)
        with _begin(server, session) as connection:
            _refused(connection.receive(), 429, "queue_full")
    wait_until(lambda: not [name for name in _packs(server) if name.startswith("new-")])
    with _begin(server, session) as connection:
        connection.send(_chunk(b"x") + b"0\r\n\r\n")
        _good(connection.receive(), 201)


def who_leaves_half_way_changes_nothing(server):
    session = _session(server, files={"big": "old"})
    packs = _packs(server)
    with _begin(server, session, 10 << 20) as connection:
        connection.send(b"x" * (5 << 20))
        wait_until(lambda: _packs(server) != packs)
    wait_until(lambda: _packs(server) == packs)
    assert server.get(_file(session)).body == b"old"


def who_leaves_at_once_leaves_no_file_behind(server):
    session = _session(server)
    for _ in range(200):
        with _begin(server, session, 4 << 20):
            pass
    server.get("/healthz")
    wait_until(lambda: not [name for name in _packs(server) if name.startswith("new-")])


def who_stalls_changes_nothing(server):
    session = _session(server, files={"big": "old"})
    with _begin(server, session, 10 << 20) as connection:
        connection.send(b"x" * (1 << 20))
        _refused(connection.receive(), 408, "request_timeout")
    assert server.get(_file(session)).body == b"old"


def runs_meanwhile_see_the_old_file_and_then_the_new(server):
    session = _session(server, files={"big": "old"})
    code = "d = open('big', 'rb').read(); print(len(d), d[:3])"
    with _begin(server, session, 10 << 20) as connection:
        connection.send(b"x" * (9 << 20))
        for _ in range(3):
            assert server.run("python", code, session_id=session)["stdout"] == "3 b'old'\n"
        assert server.run("python", "open('beside', 'w').write('1')", session_id=session)["session"]["kept"]
        connection.send(b"x" * (1 << 20))
        _good(connection.receive(), 200)
    assert server.run("python", code, session_id=session)["stdout"] == "10485760 b'xxx'\n"
    assert server.get(_file(session, "beside")).body == b"1"


def a_session_does_not_end_while_a_file_is_on_its_way(server):
    session = _session(server, ttl_ms=1500)
    with _begin(server, session) as connection:
        for _ in range(10):
            connection.send(_chunk(b"x" * 40000))
            time.sleep(0.4)
        connection.send(b"0\r\n\r\n")
        _good(connection.receive(), 201)


def one_on_its_way_is_in_nobodys_way(server):
    """Who leaves while something is kept makes the session be read anew, when nobody looks at it."""
    session = _session(server)
    with _begin(server, session) as connection:
        connection.send(_chunk(b"x" * 300000))
        for number in range(100):
            with _begin(server, session, 1000, f"f{number}") as other:
                other.send(b"y" * 1000)
                time.sleep(0.0005 * (number % 7))
        with _begin(server, session, 1000, "last") as other:
            other.send(b"z" * 1000)
            _good(other.receive(), 201)
        connection.send(b"0\r\n\r\n")
        _good(connection.receive(), 201)
    assert server.get(_file(session)).body == b"x" * 300000 and server.get(_file(session, "last")).body == b"z" * 1000


def what_cannot_be_put_there_is_refused_before_it_comes(server):
    session = _session(server, files={"f": "1", "d/x": "1"})
    for name, status, code in (("f/x", 409, "conflict"), ("d", 409, "conflict"), ("../x", 400, "invalid_field"),
                               ("n?mode=999", 400, "invalid_field"), ("n?type=directory", 400, "bad_request")):
        with _begin(server, session, 4 << 20, name, ["Expect: 100-continue"]) as connection:
            _refused(connection.receive(), status, code)
    with _begin(server, "ses_nothing", 4 << 20, "x", ["Expect: 100-continue"]) as connection:
        _refused(connection.receive(), 404, "not_found")


def a_session_that_ends_meanwhile_keeps_nothing(server):
    session = _session(server)
    with _begin(server, session, 4 << 20) as connection:
        connection.send(b"x" * (3 << 20))
        server.request("DELETE", f"/v1/sessions/{session}")
        connection.send(b"x" * (1 << 20))
        _refused(connection.receive(), 404, "not_found")


@cases("store", "front")
def what_was_on_its_way_when_a_process_died_is_gone(server, role):
    session = _session(server, files={"big": "old"})
    with _begin(server, session, 4 << 20) as connection:
        connection.send(b"x" * (3 << 20))
        time.sleep(0.3)
        old = server.kill(role)
        server.wait_restarted(role, old)
        server.wait_ready()
        try:
            connection.send(b"x" * (1 << 20))
            reply = connection.receive()
            assert reply.status == 503 and reply.error["retryable"], reply
        except (Closed, BrokenPipeError, ConnectionResetError):
            assert role == "front"
    wait_until(lambda: server.get(_file(session)).body == b"old")
    assert not [name for name in _packs(server) if name.startswith("new-")], _packs(server)


def smuggling_shapes_are_refused_here_as_everywhere(server):
    session = _session(server, files={"big": "old"})
    head = _head(server, 5, ["Transfer-Encoding: chunked"], _file(session), "PUT", media=False)
    for data in (head + b"5\r\nhello\r\n0\r\n\r\n", _head(server, None, (), _file(session), "PUT", media=False) + b"5\r\nhello!\r\n0\r\n\r\n"):
        answer = server.raw(data + b"GET /v1/runtimes HTTP/1.1\r\nHost: a\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 400") and answer.count(b"HTTP/1.1") == 1, answer
    assert server.get(_file(session)).body == b"old"
