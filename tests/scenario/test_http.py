# SPDX-License-Identifier: Apache-2.0
"""HTTP as clients speak it, and as attackers do. The full table of request shapes is in tests/unit/http."""

import json
import re
import socket
import time

from lib.client import Closed, encode_request, wait_until
from lib.scenario import cases
from lib.server import Server

SETTINGS = {"header_time_ms": 1000, "body_time_ms": 1000, "idle_time_ms": 3000, "connections_max_per_ip": 200}

# every one would reach the handler if its shape were right
HEAD = b"POST /v1/execute HTTP/1.1\r\nHost: x\r\nX-API-Key: %KEY%\r\n"


def _statuses(raw):
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", raw)]


# --- ordinary clients ---

def a_connection_serves_many_requests(server):
    with server.connect() as connection:
        for i in range(30):
            connection.send(server.encoded("bash", f"echo {i}"))
            assert connection.receive().json["stdout"] == f"{i}\n"


def pipelined_requests_are_answered_in_order(server):
    with server.connect() as connection:
        connection.send(b"".join(server.encoded("bash", f"sleep 0.{3 - i}; echo {i}") for i in range(3)))
        assert [connection.receive().json["stdout"] for _ in range(3)] == ["0\n", "1\n", "2\n"]


def a_body_may_come_in_chunks(server):
    body = json.dumps({"language": "bash", "code": "echo chunked"}).encode()
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(body[i:i + 7]), body[i:i + 7]) for i in range(0, len(body), 7))
    with server.connect() as connection:
        connection.send(b"POST /v1/execute HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nTransfer-Encoding: chunked\r\n\r\n%s0\r\n\r\n"
                        % (server.key.encode(), chunks))
        assert connection.receive().json["stdout"] == "chunked\n"
        assert connection.request("GET", "/healthz").status == 200


def a_request_may_come_byte_by_byte(server):
    with server.connect() as connection:
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in server.encoded("bash", "echo slow"):
            connection.send(bytes([byte]))
        assert connection.receive().json["stdout"] == "slow\n"


def expect_100_continue_is_answered(server):
    request = server.encoded("bash", "echo yes").replace(b"\r\nHost:", b"\r\nExpect: 100-continue\r\nHost:", 1)
    head, _, body = request.partition(b"\r\n\r\n")
    with server.connect() as connection:
        connection.send(head + b"\r\n\r\n")
        assert connection.receive().status == 100
        connection.send(body)
        assert connection.receive().json["stdout"] == "yes\n"


def connection_close_and_http_1_0_close(server):
    for request in (b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b"GET /healthz HTTP/1.0\r\nHost: x\r\n\r\n"):
        assert _statuses(server.raw(request)) == [200]


def head_has_no_body(server):
    with server.connect() as connection:
        reply = connection.request("HEAD", "/healthz")
        assert reply.status == 200 and int(reply.header("Content-Length")) > 0
        assert connection.request("GET", "/healthz").json["status"] == "ok"


def a_client_that_half_closes_still_gets_its_answer(server):
    with server.connect() as connection:
        connection.send(server.encoded("bash", "sleep 0.3; echo late"))
        connection.sock.shutdown(socket.SHUT_WR)
        try:
            status = connection.receive().status
        except Closed:
            status = None  # taking it for a disconnect is allowed; hanging or half an answer is not
        assert status in (200, None)


def a_large_answer_reaches_a_slow_reader(server):
    with server.connect() as connection:
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.send(server.encoded("bash", "head -c 1400000 /dev/zero | tr '\\0' x"))
        time.sleep(1)
        assert connection.receive().json["stdout"] == "x" * 1400000


# --- shapes that smuggle ---



@cases(HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
       HEAD + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
       HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       HEAD + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
       HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
       HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       HEAD + b"Content-Length: +5\r\n\r\nhello", HEAD + b"Content-Length: 5, 5\r\n\r\nhello", HEAD + b"Content-Length: -1\r\n\r\n",
       HEAD + b"Content-Length: 0x5\r\n\r\nhello", HEAD + b"Content-Length: \r\n\r\n",
       HEAD + b"Content-Length: 99999999999999999999\r\n\r\n",
       HEAD + b"Content-Length : 5\r\n\r\nhello", HEAD + b"X: a\r\n folded\r\n\r\n", HEAD + b"X: a\0b\r\n\r\n", HEAD + b" X: y\r\n\r\n", HEAD + b"X\r\n\r\n",
       HEAD + b"Host: y\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"GET /healthz HTTP/1.1\nHost: x\n\n", b"GET /healthz\r\n", b"GET /healthz HTTP/0.9\r\nHost: x\r\n\r\n",
       b"GET  /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /healthz HTTP/2.0\r\nHost: x\r\n\r\n", b"get /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
       b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\0" * 100,
       HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n", HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
       HEAD + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n")
def a_smuggling_shape_is_refused_and_the_connection_closed(server, request):
    # what follows must not be taken for a second request
    statuses = _statuses(server.raw(request.replace(b"%KEY%", server.key.encode()) + b"\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"))
    assert len(statuses) == 1 and statuses[0] in (400, 405, 413, 431, 501, 505), statuses


def oversized_heads_are_refused(server):
    assert _statuses(server.raw(b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")) == [414]
    assert _statuses(server.raw(b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20000 + b"\r\n\r\n")) == [431]
    assert _statuses(server.raw(b"GET / HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X%d: y\r\n" % i for i in range(200)) + b"\r\n")) == [431]


def a_body_that_is_too_large_is_refused_before_it_comes(server):
    head = HEAD.replace(b"%KEY%", server.key.encode()) + b"Content-Length: 99999999\r\n\r\n"
    with server.connect() as connection:
        connection.send(head)
        assert connection.receive().status == 413


def without_a_key_a_body_is_not_even_read(server):
    with server.connect() as connection:
        connection.send(b"POST /v1/execute HTTP/1.1\r\nHost: x\r\nContent-Length: 30000000\r\n\r\n{")
        reply = connection.receive()
        assert (reply.status, reply.header("Connection")) == (401, "close"), reply


def errors_of_http_are_json_too(server):
    with server.connect() as connection:
        connection.send(b"GET / HTTP/1.1\r\n\r\n")
        reply = connection.receive()
        assert reply.status == 400 and reply.error["code"] == "bad_request" and reply.error["message"], reply
        assert reply.header("Connection") == "close" and connection.is_closed()


# --- slow and many ---

@cases(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ", HEAD + b"Content-Length: 1000\r\n\r\n{", b"G")
def slow_requests_are_cut_at_the_deadline_however_they_dribble(server, begin):
    began = time.monotonic()
    with server.connect() as connection:
        connection.send(begin.replace(b"%KEY%", server.key.encode()))
        connection.sock.setblocking(False)
        answer = b""
        while not answer and time.monotonic() - began < 9:
            connection.sock.send(b"a")
            time.sleep(0.1)
            try:
                answer = connection.sock.recv(4096)
            except BlockingIOError:
                pass
        assert _statuses(answer) == [408] and 0.8 < time.monotonic() - began < 9, (answer, time.monotonic() - began)


def a_late_request_is_told_so(server):
    with server.connect() as connection:
        connection.send(b"GET /healthz HTTP/1.1\r\nHost:")
        reply = connection.receive()
        assert (reply.status, reply.error["code"]) == (408, "request_timeout"), reply
        assert connection.is_closed()


def an_idle_connection_is_closed_without_a_word(server):
    with server.connect() as connection:
        assert connection.request("GET", "/healthz").status == 200
        assert not connection.is_closed(within=1.5) and connection.is_closed(within=20)


def a_thousand_slow_clients_do_not_keep_others_out():
    with Server({"header_time_ms": 5000, "connections_max": 500, "connections_max_per_ip": 400}) as server:
        crowd = []
        for _ in range(600):
            try:
                connection = server.connect(timeout=5)
                connection.send(b"GET /healthz HTTP/1.1\r\n")
                crowd.append(connection)
            except OSError:
                pass
        wait_until(_refused_some(server))
        for connection in crowd:
            connection.close()
        assert wait_until(lambda: server.run("bash", "echo in")["stdout"] == "in\n")


def _refused_some(server):
    def condition():
        """connections over the cap were refused, and then there is room again"""
        try:
            return server.metrics()["sandglass_connections_refused_total"] >= 100
        except (OSError, Closed):
            return False
    return condition


def a_client_that_never_reads_is_dropped():
    with Server({"write_time_ms": 700}) as server:
        with server.connect() as connection:
            connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.send(server.encoded("bash", "head -c 9000000 /dev/zero | tr '\\0' x"))
            wait_until(lambda: server.metrics()["sandglass_connections_open"] == 1)


def metrics_count_connections_and_bytes(server):
    before = server.metrics()
    server.raw(encode_request("GET", "/healthz", None, (("Connection", "close"),)))
    after = server.metrics()
    assert after["sandglass_connections_accepted_total"] >= before["sandglass_connections_accepted_total"] + 2
    assert after["sandglass_http_bytes_in_total"] > before["sandglass_http_bytes_in_total"]
