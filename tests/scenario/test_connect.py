# SPDX-License-Identifier: Apache-2.0
"""GET /v1/connect: a run whose streams are a WebSocket."""

import contextlib
import json
import sqlite3
import time

from lib import events, host
from lib.client import wait_until
from lib.scenario import cases
from lib.server import gone
from lib.websocket import BINARY, CLOSE, TEXT, ClosedBy, WebSocket, frame

PATH = "/v1/connect"
ECHO = "while True:\n    line = input()\n    print('got', line, flush=True)\n    if line == 'end': break"


def _open(server):
    return WebSocket(server, PATH)


@contextlib.contextmanager
def _begun(server, language, code=None, **fields):
    with _open(server) as socket:
        socket.send({"language": language, **({"code": code} if code is not None else {}), **fields})
        assert socket.receive()["type"] == "started"
        yield socket


def _text(messages, kind="stdout"):
    return "".join(m["data"] for m in messages if m["type"] == kind)


def a_run_in_its_messages(server):
    with _open(server) as socket:
        socket.send({"language": "python", "code": "print(6 * 7)"})
        messages, closed = socket.until_closed()
    assert [m["type"] for m in messages] == ["started", "stdout", "result"], messages
    assert messages[0]["stage"] == "run" and messages[1]["data"] == "42\n"
    result = messages[2]["result"]
    assert result["status"] == "ok" and result["exit_code"] == 0 and result["stdout"] == "", result
    assert result["id"] == messages[0]["id"] and closed == (1000, ""), closed
    times = [m["time_ms"] for m in messages]
    assert times == sorted(times), times


def input_comes_as_it_is_sent_and_ends_when_it_is_said_to(server):
    with _begun(server, "python", ECHO) as socket:
        for line in ("one", "two"):
            socket.send({"type": "stdin", "data": line + "\n"})
            assert socket.receive()["data"] == f"got {line}\n"
        socket.send({"type": "eof"})
        messages, closed = socket.until_closed()
    assert messages[-1]["result"]["exit_code"] == 1 and "EOFError" in _text(messages, "stderr") and closed[0] == 1000


def what_the_request_has_for_stdin_comes_first(server):
    with _open(server) as socket:
        socket.send({"language": "bash", "code": "cat", "stdin": "a"})
        socket.raw(frame(BINARY, b"b\xff"))
        socket.send({"type": "eof"})
        socket.send({"type": "stdin", "data": "too late"})
        messages, _ = socket.until_closed()
    assert _text(messages) == "ab\ufffd", messages


def any_bytes_go_in_and_come_out_in_binary_messages(server):
    data = bytes(range(256))
    with _open(server) as socket:
        socket.send({"language": "python", "code": "import os; d = os.read(0, 256); os.write(1, d); os.write(2, d[::-1])",
                     "output_encoding": "base64"})
        socket.raw(frame(BINARY, data))
        came = {1: b"", 2: b""}
        while (got := socket.frame())[0] != CLOSE:
            if got[0] == BINARY:
                came[got[1][0]] += got[1][1:]
    assert came == {1: data, 2: data[::-1]}, came


def a_signal_reaches_the_program(server):
    # written past Python's buffer, in which the signal may find the program still
    code = "import os, signal, time\nsignal.signal(signal.SIGUSR1, lambda *_: os.write(1, b'seen\\n'))\nprint('up', flush=True)\ntime.sleep(9)"
    with _begun(server, "python", code) as socket:
        assert socket.receive()["data"] == "up\n"
        socket.send({"type": "signal", "signal": "SIGUSR1"})
        assert socket.receive()["data"] == "seen\n"
        socket.send({"type": "signal", "signal": "SIGTERM"})
        messages, closed = socket.until_closed()
    assert messages[-1]["result"]["signal"] == "SIGTERM" and closed[0] == 1000, messages


def a_compile_is_a_stage_of_its_own(server):
    code = f'#include <stdio.h>\n#warning seen\n/* {time.time()} */ int main(void) {{ putchar(getchar()); return 3; }}'
    with _open(server) as socket:
        socket.send({"language": "c", "code": code})
        socket.send({"type": "stdin", "data": "x"})
        messages, _ = socket.until_closed()
    assert [m["stage"] for m in messages if m["type"] == "started"] == ["compile", "run"], messages
    assert "seen" in _text([m for m in messages if m.get("stage") == "compile"], "stderr")
    assert _text([m for m in messages if m.get("stage") == "run"]) == "x" and messages[-1]["result"]["exit_code"] == 3


def limits_count_as_ever(server):
    with _open(server) as socket:
        socket.send({"language": "bash", "code": "yes", "limits": {"output_bytes": 100000}})
        messages, closed = socket.until_closed()
    assert messages[-1]["result"]["status"] == "output_limit" and len(_text(messages)) == 100000
    assert messages[-1]["result"]["stdout_truncated"] and closed[0] == 1000
    with _open(server) as socket:
        socket.send({"language": "bash", "code": "sleep 9", "limits": {"wall_time_ms": 200}})
        messages, closed = socket.until_closed()
    assert messages[-1]["result"]["status"] == "wall_timeout" and closed[0] == 1000


def files_come_back_in_the_result(server):
    with _open(server) as socket:
        socket.send({"language": "bash", "code": "echo hi > artifacts/a.txt", "artifacts": True})
        messages, _ = socket.until_closed()
    assert messages[-1]["result"]["artifacts"][0]["content"] == "aGkK", messages


@cases(({"language": "nothing"}, "unknown_language"), ({"language": "bash"}, "missing_field"),
       ({"language": "bash", "code": "x", "cod": 1}, "unknown_field"),
       ({"language": "bash", "code": "x", "async": True}, "invalid_field"), ([], "invalid_field"))
def a_wrong_request_is_said_and_closes_with_1008(server, request, code):
    with _open(server) as socket:
        socket.send(request)
        messages, closed = socket.until_closed()
    assert messages[-1]["type"] == "error" and messages[-1]["error"]["code"] == code, messages
    assert closed == (1008, code), closed


@cases(({"type": "no"},), ({"type": "stdin"},), ({"type": "stdin", "data": 5},), ({},), ([],), (7,),
       ({"type": "signal", "signal": "SIGNOT"},), ({"type": "signal", "signal": 9},))
def a_wrong_message_ends_the_run(server, message):
    with _begun(server, "bash", "sleep 1237") as socket:
        pids = wait_until(lambda: [p for p in server.processes() if "sleep 1237" in host.command_line(p)])
        socket.send(message)
        messages, closed = socket.until_closed()
    assert messages[-1]["type"] == "error" and closed[0] == 1008, (messages, closed)
    assert gone(pids)


def the_first_message_is_text(server):
    with _open(server) as socket:
        socket.raw(frame(BINARY, b'{"language": "bash", "code": "echo"}'))
        messages, closed = socket.until_closed()
    assert closed[0] == 1008 and messages[-1]["error"]["code"] == "bad_request"


def a_client_who_goes_ends_the_run(server):
    with _begun(server, "bash", "echo; sleep 1238") as socket:
        socket.receive()
        pids = wait_until(lambda: [p for p in server.processes() if "sleep 1238" in host.command_line(p)])
    assert gone(pids)


def a_slow_reader_makes_the_program_wait_and_loses_nothing(server):
    code = "import sys\nfor i in range(100): sys.stdout.write('x' * 100000)"
    with _open(server) as socket:
        socket.send({"language": "python", "code": code, "limits": {"output_bytes": 20000000}})
        time.sleep(1.5)
        assert server.metrics()["sandglass_jobs_running"] == 1
        messages, closed = socket.until_closed()
    assert len(_text(messages)) == 10000000 and closed[0] == 1000, closed


def a_program_that_does_not_read_makes_the_client_wait(server):
    with _begun(server, "bash", "sleep 1; wc -c") as socket:
        for _ in range(64):
            socket.raw(frame(BINARY, b"x" * 65536))
        socket.send({"type": "eof"})
        messages, _ = socket.until_closed()
    assert _text(messages).strip() == str(64 * 65536), messages


def a_plain_request_is_told_what_is_spoken_here(server):
    reply = server.get(PATH)
    assert reply.status == 426 and reply.error["code"] == "upgrade_required", reply


def its_usage_is_on_record(server):
    with _open(server) as socket:
        socket.send({"language": "bash", "code": "printf 12345; printf 123 >&2"})
        messages, _ = socket.until_closed()
    name = messages[-1]["result"]["id"]

    def row():
        """the run is in the database"""
        with sqlite3.connect(f"file:{server.dir}/state/db/sandglass.db?mode=ro", uri=True) as db:
            return db.execute("SELECT stdout_bytes, stderr_bytes FROM runs WHERE id = ?", (name,)).fetchone()

    assert wait_until(row) == (5, 3), row()


def messages_of_both_kinds_are_whole(server):
    """A text message is JSON and valid UTF-8, whatever the program writes."""
    with _begun(server, "python", "import os\nfor b in '\\u20ac\\U0001f600'.encode(): os.write(1, bytes([b]))") as socket:
        text = ""
        try:
            while True:
                opcode, payload = socket.frame()
                if opcode == CLOSE:
                    raise ClosedBy(0, "")
                assert opcode == TEXT
                text += json.loads(payload.decode()).get("data", "")
        except ClosedBy:
            pass
    assert text == "\u20ac\U0001f600", text


def runs_of_a_session_share_its_files_whatever_way_they_are_asked_for(server):
    name = f"s{time.time()}".replace(".", "")
    with _open(server) as socket:
        socket.send({"language": "bash", "code": "read line; echo $line > kept", "session_id": name, "stdin": "by socket\n"})
        messages, _ = socket.until_closed()
    assert messages[-1]["result"]["status"] == "ok", messages
    with events.execute(server, "bash", "cat kept; echo by events > kept", session_id=name) as stream:
        assert stream.rest()[-1].data["body"]["stdout"] == "by socket\n"
    assert server.run("bash", "cat kept", session_id=name)["stdout"] == "by events\n"


def one_who_waits_for_a_session_may_go(server):
    name = f"w{time.time()}".replace(".", "")
    with _begun(server, "bash", "echo up; read line; echo $line > kept", session_id=name) as first:
        assert first.receive()["data"] == "up\n"
        with _open(server) as second:
            second.send({"language": "bash", "code": "echo never > kept", "session_id": name})
            time.sleep(0.3)
        with events.execute(server, "bash", "echo never > kept", session_id=name):
            time.sleep(0.3)
        first.send({"type": "stdin", "data": "first\n"})
        messages, _ = first.until_closed()
    assert messages[-1]["result"]["status"] == "ok", messages
    assert server.run("bash", "cat kept", session_id=name)["stdout"] == "first\n"
