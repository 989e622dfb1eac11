# SPDX-License-Identifier: Apache-2.0
"""Server-Sent Events as they come: chunks as the server frames them, events as a browser reads them."""

import json
import time

from lib.client import Closed, encode_request


class Event:
    def __init__(self, number, name, data, arrived):
        self.number, self.name, self.data, self.arrived = number, name, data, arrived

    def __repr__(self):
        return f"<{self.number} {self.name} {str(self.data)[:200]}>"


class Stream:
    """One answer of text/event-stream; comments (heartbeats) are counted."""

    def __init__(self, connection, status, headers):
        self.connection, self.status, self.headers = connection, status, dict(headers)
        self.text, self.heartbeats, self.ended = bytearray(), 0, False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def _line(self):
        while b"\r\n" not in self.connection.pending:
            self.connection._more()  # pylint: disable=protected-access
        line, _, self.connection.pending = self.connection.pending.partition(b"\r\n")
        return line

    def _more(self):
        size = int(self._line(), 16)
        self.text += self.connection._take(size)  # pylint: disable=protected-access
        assert self._line() == b""
        self.ended = size == 0

    def event(self):
        """The next event; None at the end of the stream."""
        while True:
            while (end := self.text.find(b"\n\n")) < 0:
                if self.ended:
                    assert self.text == b"", self.text
                    return None
                self._more()
            block = self.text[:end]
            del self.text[:end + 2]
            if block.startswith(b":"):
                self.heartbeats += 1
                continue
            return _parse(block.decode())

    def rest(self):
        return list(iter(self.event, None))


def _parse(block):
    fields = dict(line.split(": ", 1) for line in block.split("\n"))
    number = int(fields["id"]) if "id" in fields else None
    return Event(number, fields["event"], json.loads(fields["data"]), time.monotonic())


def open_stream(server, method, path, body=None, headers=(), key=None, timeout=60):
    """The stream that answers a request; a Reply if it is answered otherwise."""
    connection = server.connect(timeout)
    accept = (("Accept", "text/event-stream"),)
    connection.send(encode_request(method, path, body, (*server.auth(key), *accept, *headers)))
    status, lines = connection._head()  # pylint: disable=protected-access
    stream = Stream(connection, status, lines)
    if stream.headers.get("Transfer-Encoding") == "chunked":
        return stream
    with connection:
        length = int(stream.headers.get("Content-Length", 0))
        stream.text = connection._take(length)  # pylint: disable=protected-access
        return stream


def execute(server, language, code=None, *, headers=(), key=None, timeout=60, **fields):
    request = {"language": language, **({"code": code} if code is not None else {}), **fields}
    return open_stream(server, "POST", "/v1/execute", json.dumps(request).encode(), headers, key, timeout)


def follow(server, execution, after=None, key=None, timeout=60):
    headers = () if after is None else (("Last-Event-ID", str(after)),)
    return open_stream(server, "GET", f"/v1/executions/{execution}/events", None, headers, key, timeout)


__all__ = ["Closed", "Event", "Stream", "execute", "follow", "open_stream"]
