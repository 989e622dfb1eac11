# SPDX-License-Identifier: Apache-2.0
"""TLS with certificate files."""

import contextlib
import json
import os
import select
import ssl
import subprocess
import threading
import time

from lib import events, host
from lib.client import wait_until
from lib.server import Server
from lib.websocket import WebSocket


@contextlib.contextmanager
def _tls_server(**settings):
    server = Server(start=False)
    certificate, key = (os.path.join(server.dir, name) for name in ("cert.pem", "key.pem"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate], check=True, capture_output=True)
    os.chmod(key, 0o600)
    server.settings.update({"tls_certificate": certificate, "tls_key": key, **settings})
    server.tls = ssl.create_default_context(cafile=certificate)
    with server:
        server.start()
        yield server


def a_run_goes_over_tls_and_the_connection_is_kept():
    with _tls_server() as server, server.connect() as connection:
        for i in range(5):
            connection.send(server.encoded("bash", f"echo {i}"))
            assert connection.receive().json["stdout"] == f"{i}\n"
        assert connection.sock.version() == "TLSv1.3"


def megabytes_pass_both_ways():
    with _tls_server() as server:
        assert server.run("bash", "cat", stdin="x" * 5_000_000)["stdout"] == "x" * 5_000_000


def _request_with_stdin(server, code, data, more=b""):
    """A request of two parts: the program, and what it is to read."""
    request = json.dumps({"language": "python", "code": code}).encode()
    parts = [b'Content-Disposition: form-data; name="%s"\r\n\r\n%s' % part for part in ((b"request", request), (b"stdin", data))]
    body = b"".join(b"--b\r\n%s\r\n" % part for part in parts) + b"--b--"
    return (b"POST /v1/execute HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n%s"
            b"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: %d\r\n\r\n%s"
            % (server.key.encode(), more, len(body), body))


def stdin_waits_for_its_program_and_the_front_sleeps_meanwhile():
    with _tls_server() as server, server.connect() as connection:
        request = _request_with_stdin(server, "import sys, time\ntime.sleep(3)\nprint(len(sys.stdin.read()))", b"x" * 30_000_000)
        sender = threading.Thread(target=connection.send, args=(request,))
        sender.start()
        time.sleep(1)
        front = server.pid_of("front")
        before = host.cpu_ticks(front)
        time.sleep(1)
        assert host.cpu_ticks(front) - before < 20
        sender.join()
        assert connection.receive().json["stdout"] == "30000000\n"
        connection.send(server.encoded("bash", "echo next"))
        assert connection.receive().json["stdout"] == "next\n"


def _step(move):
    """What `move` moved, None when the socket is not ready for it."""
    try:
        return move()
    except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
        return None


def _exchange(connection, data):
    """Sends and receives until the server closes, in one thread: a connection of OpenSSL is not for two, and Python has no lock around it."""
    sock, left = connection.sock, memoryview(data)
    sock.setblocking(False)
    while (came := _step(lambda: sock.recv(1 << 16))) != b"":
        connection.pending += came or b""
        sent = _step(lambda: sock.send(left[:1 << 14])) if left else None
        left = left[sent or 0:]
        if not came and not sent:
            assert any(select.select([sock], [sock] if left else [], [], 60)), "nothing moves"


def events_leave_while_stdin_comes():
    code = "import sys\nfor line in sys.stdin: sys.stdout.write(line)"
    line = b"y" * 99 + b"\n"
    with _tls_server() as server, server.connect() as connection:
        _exchange(connection, _request_with_stdin(server, code, line * 50_000, b"Accept: text/event-stream\r\nConnection: close\r\n"))
        found = events.Stream(connection, *connection._head()).rest()  # pylint: disable=protected-access
    assert found[-1].name == "result" and found[-1].data["body"]["status"] == "ok", found[-1]
    assert "".join(e.data["data"] for e in found if e.name == "stdout") == line.decode() * 50_000


def old_versions_are_refused():
    with _tls_server() as server:
        server.tls.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        server.tls.maximum_version = ssl.TLSVersion.TLSv1_1
        server.tls.set_ciphers("ALL:@SECLEVEL=0")
        try:
            server.connect()
        except (ssl.SSLError, OSError):
            return
        raise AssertionError("TLS 1.1 was accepted")


def plain_http_on_a_tls_port_gets_no_answer_and_does_no_harm():
    with _tls_server() as server:
        context, server.tls = server.tls, None
        assert b"HTTP/1.1 200" not in server.raw(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        server.tls = context
        assert server.get("/healthz").status == 200


def a_client_that_stops_in_the_handshake_is_dropped():
    with _tls_server(header_time_ms=600) as server:
        context, server.tls = server.tls, None
        with server.connect() as connection:
            connection.send(b"\x16\x03\x01\x02\x00\x01")
            began = time.monotonic()
            assert connection.is_closed(within=20) and time.monotonic() - began < 9  # of 10 s that it would have by default
        server.tls = context
        assert server.get("/healthz").status == 200


def a_disconnect_kills_the_run_over_tls_too():
    with _tls_server() as server:
        with server.connect() as connection:
            connection.send(server.encoded("bash", "sleep 100"))
            wait_until(lambda: server.metrics()["sandglass_jobs_running"] == 1)
        wait_until(lambda: server.metrics()["sandglass_jobs_running"] == 0)


def a_certificate_that_cannot_be_read_is_refused_at_start():
    with Server({"tls_certificate": "/nonexistent.pem", "tls_key": "/nonexistent.key"}, start=False, keys=0) as server:
        server.launch()
        assert server.process.wait(20) != 0
        assert "/nonexistent" in server.log() or "tls" in server.log(), server.log()


def websockets_go_over_tls_in_both_directions():
    with _tls_server() as server:
        with WebSocket(server, "/v1/connect") as socket:
            socket.send({"language": "python", "code": "import sys\nfor l in sys.stdin: print(len(l), flush=True)\nprint('x' * 3000000)"})
            assert socket.receive()["type"] == "started"
            for size in (1, 70000, 3):
                socket.send({"type": "stdin", "data": "a" * size + "\n"})
                assert socket.receive()["data"] == f"{size + 1}\n"
            socket.send({"type": "eof"})
            messages, closed = socket.until_closed()
        assert closed[0] == 1000 and sum(len(m["data"]) for m in messages if m["type"] == "stdout") == 3000001, closed


def events_go_over_tls():
    with _tls_server() as server, events.execute(server, "python", "print('x' * 3000000)") as stream:
        found = stream.rest()
    assert found[-1].name == "result" and sum(len(e.data["data"]) for e in found if e.name == "stdout") == 3000001
