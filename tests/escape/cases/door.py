# SPDX-License-Identifier: Apache-2.0
"""The HTTP front door, spoken to in raw bytes."""
import json
import re
import socket
import threading
import time

from cases import case
from judge import need, until

HOST = b"Host: sandglass\r\n"


class Wire:
    """One connection: bytes out, answers in."""

    def __init__(self, server, timeout=20):
        self.socket = socket.create_connection(("127.0.0.1", server.listening_port()), timeout=timeout)
        self.pending = b""

    def send(self, data):
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the answer may have come, and the close, before all was sent

    def read_all(self):
        """Everything until the server closes."""
        try:
            while True:
                block = self.socket.recv(65536)
                if not block:
                    break
                self.pending += block
        except ConnectionResetError:
            pass
        return self.pending

    def read_answer(self):
        """(status, headers, body) of the next answer, by its Content-Length; None at the end."""
        while b"\r\n\r\n" not in self.pending:
            block = self.socket.recv(65536)
            if not block:
                return None
            self.pending += block
        head, _, rest = self.pending.partition(b"\r\n\r\n")
        found = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        length = int(found.group(1)) if found else 0
        while len(rest) < length:
            block = self.socket.recv(65536)
            if not block:
                return None
            rest += block
        self.pending = rest[length:]
        return int(head.split()[1]), head, rest[:length]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


def statuses(data):
    return [int(number) for number in re.findall(rb"HTTP/1\.1 (\d{3})", data)]


def authorization(server):
    return b"Authorization: Bearer " + server.key.encode() + b"\r\n"


SMUGGLED = b"GET /smuggled HTTP/1.1\r\n" + HOST + b"\r\n"


def shapes():
    """name: request. Each must be answered with one 4xx, and the connection closed."""
    post = b"POST /v1/execute HTTP/1.1\r\n" + HOST
    get = b"GET /healthz HTTP/1.1\r\n"
    return {
        "two content lengths": post + b"Content-Length: 0\r\nContent-Length: 5\r\n\r\nhello",
        "two equal content lengths": post + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        "content length list": post + b"Content-Length: 5, 5\r\n\r\nhello",
        "content length with transfer encoding": post + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "transfer encoding with content length": post + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
        "two transfer encodings": post + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        "unknown transfer encoding": post + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "chunked not last": post + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
        "transfer encoding with a tab": post + b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
        "negative content length": post + b"Content-Length: -1\r\n\r\n",
        "content length with plus": post + b"Content-Length: +5\r\n\r\nhello",
        "content length in hex": post + b"Content-Length: 0x5\r\n\r\nhello",
        "content length of 2^64": post + b"Content-Length: 18446744073709551616\r\n\r\n",
        "empty content length": post + b"Content-Length: \r\n\r\n",
        "space before colon": get + HOST + b"Content-Length : 0\r\n\r\n",
        "obs-fold": get + HOST + b"X-A: a\r\n b\r\n\r\n",
        "first header begins with space": get + b" Host: x\r\n\r\n",
        "bare LF after the request line": b"GET /healthz HTTP/1.1\n" + HOST + b"\r\n",
        "bare LF after a header": get + b"Host: x\nX-B: b\r\n\r\n",
        "bare CR in a header": get + HOST + b"X-A: a\rb\r\n\r\n",
        "bare LF as the end": get + b"Host: x\n\n",
        "NUL in a header": get + HOST + b"X-A: a\0b\r\n\r\n",
        "NUL in the target": b"GET /healthz\0 HTTP/1.1\r\n" + HOST + b"\r\n",
        "two hosts": get + HOST + b"Host: other\r\n\r\n",
        "no host": get + b"\r\n",
        "HTTP/0.9": b"GET /healthz\r\n\r\n",
        "HTTP/2.0": b"GET /healthz HTTP/2.0\r\n" + HOST + b"\r\n",
        "HTTP/1.10": b"GET /healthz HTTP/1.10\r\n" + HOST + b"\r\n",
        "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "lower-case version": b"GET /healthz http/1.1\r\n" + HOST + b"\r\n",
        "two spaces in the request line": b"GET  /healthz HTTP/1.1\r\n" + HOST + b"\r\n",
        "tab in the request line": b"GET\t/healthz HTTP/1.1\r\n" + HOST + b"\r\n",
        "header without colon": get + HOST + b"nonsense\r\n\r\n",
        "empty header name": get + HOST + b": x\r\n\r\n",
        "header name with a slash": get + HOST + b"X/Y: x\r\n\r\n",
        "chunk size with a sign": post + b"Transfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n",
        "chunk size in 0x": post + b"Transfer-Encoding: chunked\r\n\r\n0x1\r\nx\r\n0\r\n\r\n",
        "chunk size of 2^64": post + b"Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\nx",
        "chunk data too long": post + b"Transfer-Encoding: chunked\r\n\r\n1\r\nxx\r\n0\r\n\r\n",
        "chunk ended by bare LF": post + b"Transfer-Encoding: chunked\r\n\r\n1\nx\r\n0\r\n\r\n",
        "chunk extension of a megabyte": post + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"a" * (1 << 20),
        "head of 64 KiB": get + HOST + b"X-A: " + b"a" * 65536 + b"\r\n\r\n",
        "two hundred headers": get + HOST + b"".join(b"X-%d: x\r\n" % i for i in range(200)) + b"\r\n",
        "target of 32 KiB": b"GET /" + b"a" * 32768 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
        "TLS hello on a plain port": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 100 + b"\r\n\r\n",
        "binary noise": bytes(range(256)) * 8 + b"\r\n\r\n",
    }


@case("door smuggling shapes", "T62", 1)
def smuggling(context):
    wrong = []
    for name, request in shapes().items():
        with Wire(context.server) as wire:
            wire.send(request + SMUGGLED)
            got = statuses(wire.read_all())
        if len(got) != 1 or not 400 <= got[0] < 506 or got[0] in (500, 503):
            wrong.append("%s: %s" % (name, got or "no answer"))
    need(not wrong, "%d of %d shapes: %s", len(wrong), len(shapes()), "; ".join(wrong))
    need(context.server.ask("GET", "/healthz").status == 200, "the server no longer answers")
    return "%d shapes answered once and closed" % len(shapes())


@case("door keep-alive, pipelining and honest chunks still work", "T62", 5)
def honest(context):
    body = json.dumps({"language": "python", "code": "print('pipelined')"}).encode()
    head = b"POST /v1/execute HTTP/1.1\r\n" + HOST + authorization(context.server) + b"Content-Type: application/json\r\n"
    plain = head + b"Content-Length: %d\r\n\r\n" % len(body) + body
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n" + b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n"
    with Wire(context.server) as wire:
        wire.send(plain + chunked + plain)
        for step in range(3):
            answer = wire.read_answer()
            need(answer and answer[0] == 200 and b"pipelined" in answer[2], "answer %d is %r", step, answer)
    return "three requests in one write, three answers"


@case("door wrong keys", "T65", 6)
def wrong_keys(context):
    server, key = context.server, context.server.key
    last = "a" if key[-1] != "a" else "b"
    other = "b" if key[10] != "b" else "c"
    tries = ["", "x", key[:-1], key + "x", key[:-1] + last, key[:10] + other + key[11:], key.upper(), key.swapcase(), key * 2,
             "sg_" + "a" * 49, "null", "undefined", "../../etc/passwd", "' OR 1=1 --", "a" * 8000]
    for text in tries:
        answer = server.ask("GET", "/v1/runtimes", key=text)
        need(answer.status == 401, "key %r gets %d", text[:60], answer.status)
        need(key.encode() not in answer.body, "the answer names the key")
    need(server.ask("GET", "/v1/runtimes", key=None).status == 401, "no key gets in")
    need(server.ask("POST", "/v1/execute", {"language": "python", "code": "1"}, key=None).status == 401, "no key runs code")
    need(server.ask("GET", "/metrics", key=None).status == 401, "no key reads the metrics")
    need(server.ask("GET", "/v1/runtimes").status == 200, "the right key does not get in any more")
    return "%d wrong keys refused" % (len(tries) + 3)


@case("door the key is in no log and no environment", "T65", 1)
def key_not_leaked(context):
    server = context.server
    need(server.key not in server.log(), "the key is in the log")
    for role, pid in server.roles().items():
        with open("/proc/%d/environ" % pid, "rb") as file:
            need(server.key.encode() not in file.read(), "the key is in the environment of %s", role)
        with open("/proc/%d/cmdline" % pid, "rb") as file:
            need(server.key.encode() not in file.read(), "the key is in the arguments of %s", role)
    return "nowhere but with its owner"


@case("door slow head and slow body", "T61", 3, own_server=True)
def slowloris(context):
    settings = {"header_time_ms": "1500", "body_time_ms": "1500", "body_rate_bytes": "1000000", "idle_time_ms": "1500"}
    with context.start(settings=settings) as server:
        heads = [Wire(server) for _ in range(150)]
        bodies = [Wire(server) for _ in range(50)]
        for wire in heads:
            wire.send(b"GET /healthz HTTP/1.1\r\nHost")
        for wire in bodies:
            wire.send(b"POST /v1/execute HTTP/1.1\r\n" + HOST + authorization(server)
                      + b"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
        need(server.run_python("print(1)").status == 200, "a normal request is not answered meanwhile")
        began = time.monotonic()
        while time.monotonic() < began + 1.2:
            for wire in heads + bodies:
                wire.send(b" ")  # a byte now and then must not buy time
            time.sleep(0.2)
        got = {status for wire in heads + bodies for status in statuses(wire.read_all())}
        took = time.monotonic() - began
        for wire in heads + bodies:
            wire.socket.close()
        need(got == {408}, "the slow ones were answered with %s", got)
        need(took < 5, "it took %.1f s until all of them were ended", took)
        until(lambda: server.metrics()["sandglass_connections_open"] <= 1, 5, "connections are still counted")
    return "200 slow connections ended with 408, a normal request passed"


@case("door connection caps", "T61", 3, own_server=True)
def connection_caps(context):
    with context.start(settings={"connections_max": "60", "connections_max_per_ip": "40"}) as server:
        wires = []
        for _ in range(80):
            try:
                wires.append(Wire(server))
            except OSError:
                break
        time.sleep(0.3)
        for wire in wires:
            wire.socket.close()
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            try:
                metrics = server.metrics()
                break
            except OSError:
                time.sleep(0.1)
        else:
            need(False, "the server does not take connections again")
    need(metrics["sandglass_connections_refused_total"] >= 30, "only %d were refused", metrics["sandglass_connections_refused_total"])
    return "%d of 80 refused, and open again afterwards" % metrics["sandglass_connections_refused_total"]


@case("door rate limit is exact under 1,000 parallel requests", "T68", 3, own_server=True)
def rate_limit(context):
    with context.start(settings={"rate_per_minute": "137", "connections_max_per_ip": "2000"}) as server:
        head = b"GET /v1/runtimes HTTP/1.1\r\n" + HOST + authorization(server) + b"Connection: close\r\n\r\n"
        wires = [Wire(server, timeout=30) for _ in range(1000)]
        gate = threading.Event()
        got = []

        def shoot(part):
            gate.wait()
            for wire in part:
                wire.send(head)
            for wire in part:
                got.append((statuses(wire.read_all()), wire.pending))

        threads = [threading.Thread(target=shoot, args=(wires[i::8],)) for i in range(8)]
        for thread in threads:
            thread.start()
        gate.set()
        for thread in threads:
            thread.join()
        for wire in wires:
            wire.socket.close()
        passed = sum(status == [200] for status, _ in got)
        refused = [text for status, text in got if status == [429]]
        need(passed == 137, "%d of 1000 passed, the limit is 137", passed)
        need(len(refused) == 863, "%d were refused", len(refused))
        need(all(b"Retry-After: " in text and b"X-RateLimit-Limit: 137" in text for text in refused), "headers are missing")
        other = server.make_key()
        deadline = time.monotonic() + 5
        while server.ask("GET", "/v1/runtimes", key=other).status != 200:
            need(time.monotonic() < deadline, "a second key has to pay for the first")
            time.sleep(0.05)
    return "exactly 137 of 1000 passed, another key was not touched"


@case("door half a request, then gone", "T35 T61", 5)
def torn_requests(context):
    server = context.server
    body = json.dumps({"language": "python", "code": "print(1)"}).encode()
    whole = (b"POST /v1/execute HTTP/1.1\r\n" + HOST + authorization(server)
             + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    for cut in range(0, len(whole), 7):
        with Wire(server) as wire:
            wire.send(whole[:cut])
    need(server.run_python("print(1)").json["status"] == "ok", "the server does not answer any more")
    return "%d torn requests" % (len(whole) // 7 + 1)


@case("door JSON that is none", "T67", 5)
def bad_json(context):
    bodies = [b"", b"{", b"[]", b"null", b"1", b'"x"', b"\xff", b"[" * 100000, b'{"a":' * 100000, b'{"code":"\\ud800"}',
              b'{"language":"python","language":"bash","code":"1"}', b'{"language":"python","code":"1",}', b"{'a':1}",
              b'{"language":"python","code":"\xff\xfe"}', b'{"language":"python","code":"a\0b"}', b"NaN", b"\xef\xbb\xbf{}",
              b'{"language":"python","code":"1"} x', b'{"language":"python","code":1e400}']
    for body in bodies:
        answer = context.server.ask("POST", "/v1/execute", body)
        need(answer.status == 400, "%r gets %d %r", body[:40], answer.status, answer.body[:200])
        need(answer.error_code, "%r gets no code: %r", body[:40], answer.body[:200])
    return "%d bodies refused with 400 and a code" % len(bodies)
