# SPDX-License-Identifier: Apache-2.0
"""A small HTTP/1.1 client that sends exactly the bytes it is told to and hides nothing of the answer."""

import json
import socket
import time


class Closed(Exception):
    """The server closed the connection before a whole answer had come."""


class Reply:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers  # (name as sent, value), in order
        self.body = body

    def header(self, name):
        """The value of a header, None if absent; more than one is an error of the server."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        assert len(values) < 2, f"{name} was sent {len(values)} times"
        return values[0] if values else None

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        return self.json["error"]

    def __repr__(self):
        return f"<{self.status} {self.body[:600]!r}>"


class Connection:
    """One TCP or TLS connection; or, with sock, any connected socket."""

    def __init__(self, address=None, timeout=60, tls=None, sock=None):
        self.sock = sock or socket.create_connection(address, timeout=timeout)
        self.sock.settimeout(timeout)
        if tls:
            self.sock = tls.wrap_socket(self.sock, server_hostname="localhost")
        self.pending = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.sock.close()

    def send(self, data):
        self.sock.sendall(data)

    def _more(self):
        data = self.sock.recv(1 << 20)
        if not data:
            raise Closed(self.pending)
        self.pending += data

    def _take(self, count):
        parts, have = [self.pending], len(self.pending)
        while have < count:
            data = self.sock.recv(1 << 20)
            if not data:
                raise Closed(f"{have} of {count} bytes")
            parts.append(data)
            have += len(data)
        whole = b"".join(parts)
        self.pending = whole[count:]
        return whole[:count]

    def _head(self):
        while b"\r\n\r\n" not in self.pending:
            self._more()
        head, _, self.pending = self.pending.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:]]
        return int(lines[0].split(" ")[1]), headers

    def receive(self, head_only=False):
        """Reads one answer. Interim answers (100 Continue) are answers too."""
        status, headers = self._head()
        reply = Reply(status, headers, b"")
        if status >= 200 and status != 204 and not head_only:
            reply.body = self._take(int(reply.header("Content-Length") or 0))
        return reply

    def request(self, method, path, body=None, headers=()):
        self.send(encode_request(method, path, body, headers))
        return self.receive(head_only=method == "HEAD")

    def is_closed(self, within=5):
        """True when the server closes, with nothing more said, in that time."""
        self.sock.settimeout(within)
        try:
            return self.pending == b"" and self.sock.recv(1) == b""
        except (ConnectionResetError, BrokenPipeError):
            return True
        except (socket.timeout, TimeoutError):
            return False


def encode_request(method, path, body=None, headers=()):
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    if body is not None:
        lines += [f"Content-Length: {len(body)}"]
        lines += ["Content-Type: application/json"] if not any(name.lower() == "content-type" for name, _ in headers) else []
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b"")


def wait_until(condition, within=20, every=0.02):
    """
    The first true value of condition(), or an AssertionError that says what was waited for. More than 20 s is for what is to
    come: what is to go would go by itself when the 30 s end that runs and drains have by default.
    """
    deadline = time.monotonic() + within
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise AssertionError(f"not so within {within} s: {getattr(condition, '__doc__', None) or condition}")
        time.sleep(every)
