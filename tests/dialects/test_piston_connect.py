# SPDX-License-Identifier: Apache-2.0
"""Piston's WebSocket: its messages and close codes, and RFC 6455 beneath them."""

import time

from lib import websocket
from lib.client import wait_until
from lib.scenario import cases
from lib.websocket import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, WebSocket, frame, handshake

PATH = "/api/v2/connect"


def _open(server):
    return WebSocket(server, PATH)


def _init(code, language="python", **fields):
    return {"type": "init", "language": language, "version": "*", "files": [{"content": code}], **fields}


def _text(messages, stream="stdout"):
    return "".join(m["data"] for m in messages if m["type"] == "data" and m["stream"] == stream)


# --- the protocol ---

def a_run_in_its_messages(server):
    with _open(server) as socket:
        socket.send(_init("print(6 * 7)"))
        messages, closed = socket.until_closed()
    version = messages[0]["version"]
    assert messages == [{"type": "runtime", "language": "python", "version": version}, {"type": "stage", "stage": "run"},
                        {"type": "data", "stream": "stdout", "data": "42\n"},
                        {"type": "exit", "stage": "run", "code": 0, "signal": None}], messages
    assert closed == (4999, "Job Completed")


def a_compile_is_a_stage_and_so_is_a_cached_one(server):
    code = f'#include <stdio.h>\n/* {time.time()} */ int main(void) {{ puts("x"); return 3; }}'
    seen = []
    for _ in range(2):
        with _open(server) as socket:
            socket.send(_init(code, "c"))
            seen.append(socket.until_closed())
    assert seen[0] == seen[1] and seen[0][1][0] == 4999, seen
    assert [(m["type"], m.get("stage"), m.get("code")) for m in seen[0][0]] == [
        ("runtime", None, None), ("stage", "compile", None), ("exit", "compile", 0), ("stage", "run", None), ("data", None, None),
        ("exit", "run", 3)], seen


def what_does_not_compile_is_not_run(server):
    with _open(server) as socket:
        socket.send(_init("int main(void) {", "c"))
        messages, closed = socket.until_closed()
    assert closed[0] == 4999 and messages[-1] == {"type": "exit", "stage": "compile", "code": 1, "signal": None}, messages
    assert "error" in _text(messages, "stderr"), messages


def input_comes_as_it_is_sent_and_output_as_it_is_written(server):
    with _open(server) as socket:
        socket.send(_init("while True:\n    line = input()\n    print('got', line, flush=True)\n    if line == 'end': break"))
        assert [socket.receive()["type"] for _ in range(2)] == ["runtime", "stage"]
        for line in ("one", "two", "end"):
            socket.send({"type": "data", "stream": "stdin", "data": line + "\n"})
            assert socket.receive() == {"type": "data", "stream": "stdout", "data": f"got {line}\n"}
        assert socket.until_closed() == ([{"type": "exit", "stage": "run", "code": 0, "signal": None}], (4999, "Job Completed"))


def input_sent_ahead_waits_for_the_program(server):
    with _open(server) as socket:
        socket.send(_init("int getchar(void); int main(void) { return getchar(); }", "c"))
        socket.send({"type": "data", "stream": "stdin", "data": "\x07"})
        messages, _ = socket.until_closed()
    assert messages[-1]["code"] == 7, messages


def the_program_is_not_told_that_input_ends(server):
    with _open(server) as socket:
        socket.send(_init("import sys; sys.stdin.read()", run_timeout=300))
        messages, closed = socket.until_closed()
    assert closed[0] == 4999 and messages[-1] == {"type": "exit", "stage": "run", "code": None, "signal": "SIGKILL"}, messages


def characters_are_not_cut(server):
    code = "import sys, time\nfor b in 'ä€😀'.encode():\n    sys.stdout.buffer.write(bytes([b])); sys.stdout.flush(); time.sleep(0.02)\n" \
        "sys.stdout.buffer.write(b'\\xe2\\x82')"
    with _open(server) as socket:
        socket.send(_init(code))
        messages, _ = socket.until_closed()
    assert _text(messages) == "ä€😀\ufffd", messages


def stderr_is_a_stream_of_its_own(server):
    with _open(server) as socket:
        socket.send(_init("import sys; print('e', file=sys.stderr)"))
        messages, _ = socket.until_closed()
    assert _text(messages, "stderr") == "e\n" and _text(messages) == ""


def output_has_no_limit_and_waits_for_a_slow_reader(server):
    with _open(server) as socket:
        socket.send(_init("import sys\nfor i in range(400): sys.stdout.write('x' * 99999 + '\\n')", run_timeout=60000))
        time.sleep(1)
        front = server.pid_of("front")
        with open(f"/proc/{front}/status", encoding="ascii") as file:
            resident = int([line.split()[1] for line in file if line.startswith("VmRSS")][0])
        messages, closed = socket.until_closed()
    assert len(_text(messages)) == 400 * 100000 and closed[0] == 4999, (len(_text(messages)), closed)
    assert resident < 150000, f"{resident} KiB while nobody read"


def input_waits_for_a_slow_program(server):
    code = "import sys, time, hashlib\ntime.sleep(1)\ndata = sys.stdin.buffer.read(8000000)\nprint(len(data), data.count(b'y'))"
    with _open(server) as socket:
        socket.send(_init(code, run_timeout=60000))
        for _ in range(80):
            socket.send({"type": "data", "stream": "stdin", "data": "y" * 100000})
        messages, _ = socket.until_closed()
    assert _text(messages) == "8000000 8000000\n", messages


def input_that_nobody_reads_is_dropped(server):
    with _open(server) as socket:
        socket.send(_init("import os, time; os.close(0); print('closed', flush=True); time.sleep(1)"))
        for _ in range(3):
            socket.receive()
        for _ in range(40):
            socket.send({"type": "data", "stream": "stdin", "data": "y" * 100000})
        messages, closed = socket.until_closed()
    assert messages[-1]["code"] == 0 and closed[0] == 4999, messages


@cases("SIGINT", "SIGUSR1", "SIGTERM")
def signals_reach_the_program(server, name):
    code = f"import os, signal\ndef f(n, _): os.write(1, signal.Signals(n).name.encode() + b'\\n'); os._exit(9)\n" \
        f"signal.signal(signal.{name}, f); print('ready', flush=True)\nwhile True: signal.pause()"
    with _open(server) as socket:
        socket.send(_init(code))
        while socket.receive().get("data") != "ready\n":
            pass
        socket.send({"type": "signal", "signal": name})
        messages, _ = socket.until_closed()
    assert _text(messages) == name + "\n" and messages[-1] == {"type": "exit", "stage": "run", "code": 9, "signal": None}, messages


def a_signal_that_is_not_caught_ends_it(server):
    with _open(server) as socket:
        socket.send(_init("import time; print(1, flush=True); time.sleep(60)"))
        while socket.receive()["type"] != "data":
            pass
        socket.send({"type": "signal", "signal": "SIGKILL"})
        messages, closed = socket.until_closed()
    assert messages == [{"type": "exit", "stage": "run", "code": None, "signal": "SIGKILL"}] and closed[0] == 4999, messages


def a_run_ends_with_its_socket(server):
    before = server.metrics()["sandglass_jobs_cancelled_total"]
    with _open(server) as socket:
        socket.send(_init("import time; print(1, flush=True); time.sleep(30)", run_timeout=60000))
        while socket.receive()["type"] != "data":
            pass
    wait_until(lambda: server.metrics()["sandglass_jobs_cancelled_total"] > before, 5)


# --- close codes ---

DATA = {"type": "data", "stream": "stdin", "data": "x"}
SLEEP = _init("import time; time.sleep(5)", run_timeout=5000)


@cases(([DATA], 4003, "Not yet initialized"), ([{"type": "signal", "signal": "SIGINT"}], 4003, "Not yet initialized"),
       ([], 4001, "Initialization Timeout"), ([{"type": "klingon"}], 4001, "Initialization Timeout"),
       ([SLEEP, SLEEP], 4000, "Already Initialized"),
       ([SLEEP, {**DATA, "stream": "stdout"}], 4004, "Can only write to stdin"),
       ([SLEEP, {"type": "signal", "signal": "SIGKLINGON"}], 4005, "Invalid signal"))
def its_close_codes(server, messages, code, reason):
    with _open(server) as socket:
        began = time.monotonic()
        for message in messages:
            socket.send(message)
        _, closed = socket.until_closed()
        assert closed == (code, reason), closed
        assert (code == 4001) == (time.monotonic() - began > 0.9)
        assert socket.connection.is_closed()


@cases(({"type": "init"}, "language is required as a string"),
       ({**_init("1"), "language": "klingon"}, "klingon-* runtime is unknown"),
       (b"{", "Not valid JSON at byte 1: unexpected end of data."))
def a_bad_init_is_told_and_closed(server, message, text):
    with _open(server) as socket:
        if isinstance(message, bytes):
            socket.raw(frame(TEXT, message))
        else:
            socket.send(message)
        assert socket.until_closed() == ([{"type": "error", "message": text}], (4002, "Notified Error"))


# --- the handshake ---

@cases(({"Upgrade": None}, 426), ({"Upgrade": "h2c"}, 426), ({"Sec_WebSocket_Version": "8"}, 426),
       ({"Sec_WebSocket_Version": None}, 426), ({"Connection": "close"}, 400), ({"Connection": None}, 400),
       ({"Sec_WebSocket_Key": None}, 400), ({"Sec_WebSocket_Key": "c2hvcnQ="}, 400),
       ({"Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZT09"}, 400), ({"Sec_WebSocket_Key": "*" * 24}, 400))
def a_wrong_handshake_is_refused(server, replaced, status):
    with server.connect() as connection:
        connection.send(handshake(PATH, headers=server.auth(), **replaced))
        reply = connection.receive()
        assert reply.status == status and list(reply.json) == ["message"], reply
        if status == 426:
            assert (reply.header("Upgrade"), reply.header("Sec-WebSocket-Version")) == ("websocket", "13"), reply.headers


def a_handshake_needs_a_key_and_a_get(server):
    with server.connect() as connection:
        connection.send(handshake(PATH))
        assert connection.receive().status == 401
    assert server.post(PATH, {}).status == 404
    assert server.get(PATH).status == 426


def tokens_have_any_case_and_company(server):
    with server.connect() as connection:
        connection.send(handshake(PATH, headers=server.auth(), Connection="keep-alive, UPGRADE", Upgrade="WebSocket"))
        assert connection.receive(head_only=True).status == 101


# --- frames ---

def _closed_with(socket):
    return socket.until_closed()[1][0]


@cases((frame(TEXT, b"{}", mask=False), 1002), (frame(TEXT, b"{}", rsv=4), 1002), (frame(3, b""), 1002), (frame(11, b""), 1002),
       (frame(PING, b"x", fin=False), 1002), (frame(PING, b"x" * 126), 1002), (frame(CONTINUATION, b"x"), 1002),
       (frame(TEXT, b"{", fin=False) + frame(TEXT, b"}"), 1002), (frame(TEXT, b"\xff"), 1007), (frame(CLOSE, b"\x03"), 1002),
       (frame(CLOSE, (1005).to_bytes(2, "big")), 1002), (frame(CLOSE, b"\x03\xe8\xff"), 1007),
       (frame(TEXT, b"x", length=1 << 40), 1009), (frame(TEXT, b"", length=(1 << 63) + 5), 1002))
def broken_frames_are_refused_by_code(server, data, code):
    with _open(server) as socket:
        socket.raw(data)
        closed = _closed_with(socket)
        assert closed == code, closed
        assert socket.connection.is_closed()


def a_close_is_answered(server):
    for payload in (b"", (1000).to_bytes(2, "big") + b"bye"):
        with _open(server) as socket:
            socket.raw(frame(CLOSE, payload))
            opcode, answer = socket.frame()
            assert opcode == CLOSE and answer[:2] == payload[:2], answer
            assert socket.connection.is_closed()


def pings_are_answered_also_between_fragments(server):
    with _open(server) as socket:
        import json

        data = json.dumps(_init("print('ü')")).encode()
        socket.raw(frame(TEXT, data[:10], fin=False) + frame(PING, b"abc") + frame(CONTINUATION, data[10:11], fin=False))
        assert socket.frame() == (PONG, b"abc")
        socket.raw(frame(CONTINUATION, b"", fin=False) + frame(PONG, b"unasked") + frame(CONTINUATION, data[11:]))
        messages, closed = socket.until_closed()
    assert _text(messages) == "ü\n" and closed[0] == 4999


def a_message_byte_by_byte_and_as_binary(server):
    import json

    with _open(server) as socket:
        for byte in frame(BINARY, json.dumps(_init("print(1)")).encode()):
            socket.raw(bytes([byte]))
        messages, _ = socket.until_closed()
    assert _text(messages) == "1\n"


def frames_behind_the_handshake_are_not_lost(server):
    import json

    with server.connect() as connection:
        connection.send(handshake(PATH, headers=server.auth()) + frame(TEXT, json.dumps(_init("print(1)")).encode()))
        assert connection.receive(head_only=True).status == 101
        socket = WebSocket.__new__(WebSocket)
        socket.connection = connection
        messages, closed = socket.until_closed()
    assert _text(messages) == "1\n" and closed[0] == 4999


def a_flood_of_pings_is_survived(server):
    with _open(server) as socket:
        socket.send(_init("print(1)", run_timeout=9000))
        socket.raw(b"".join(frame(PING, b"x") for _ in range(20000)))
        assert _closed_with(socket) == 4999
    assert websocket.accept_of("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
