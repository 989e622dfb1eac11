# SPDX-License-Identifier: Apache-2.0
"""A WebSocket client (RFC 6455) that sends exactly the frames it is told to."""

import base64
import hashlib
import json
import os
import struct

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


class ClosedBy(Exception):
    """The server's close frame: its code (None without one) and reason."""

    def __init__(self, code, reason):
        super().__init__(f"{code} {reason!r}")
        self.code, self.reason = code, reason


def handshake(path, key="dGhlIHNhbXBsZSBub25jZQ==", headers=(), **replaced):
    """The bytes of an opening handshake; replaced: Header_Name="value", None leaves it out."""
    lines = {"Host": "x", "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": key,
             "Sec-WebSocket-Version": "13"}
    lines.update({name.replace("_", "-"): value for name, value in replaced.items()})
    rows = [f"GET {path} HTTP/1.1"] + [f"{name}: {value}" for name, value in lines.items() if value is not None]
    rows += [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(rows) + "\r\n\r\n").encode()


def accept_of(key):
    return base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()


def frame(opcode, payload=b"", fin=True, mask=True, rsv=0, length=None):
    """One frame; length: what it says its length is."""
    said = len(payload) if length is None else length
    head = bytes([fin << 7 | rsv << 4 | opcode])
    if said < 126:
        head += bytes([mask << 7 | said])
    elif said < 1 << 16:
        head += bytes([mask << 7 | 126]) + struct.pack(">H", said)
    else:
        head += bytes([mask << 7 | 127]) + struct.pack(">Q", said)
    if not mask:
        return head + payload
    key = os.urandom(4)
    return head + key + bytes(byte ^ key[i % 4] for i, byte in enumerate(payload))


class WebSocket:
    """with WebSocket(server, "/api/v2/connect") as socket: ..."""

    def __init__(self, server, path, timeout=30):
        self.connection = server.connect(timeout)
        self.connection.send(handshake(path, headers=server.auth()))
        reply = self.connection.receive(head_only=True)
        assert reply.status == 101, reply
        assert reply.header("Upgrade") == "websocket" and reply.header("Connection") == "Upgrade", reply.headers
        assert reply.header("Sec-WebSocket-Accept") == accept_of("dGhlIHNhbXBsZSBub25jZQ=="), reply.headers

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def raw(self, data):
        self.connection.send(data)

    def send(self, message):
        self.raw(frame(TEXT, json.dumps(message).encode()))

    def frame(self):
        """(opcode, payload) of the next frame; the server's are whole and not masked."""
        first, second = self.connection._take(2)  # pylint: disable=protected-access
        assert first & 0xF0 == 0x80 and second < 128, (first, second)
        length = second
        if second > 125:
            length = int.from_bytes(self.connection._take(2 if second == 126 else 8), "big")
        return first & 15, self.connection._take(length) if length else b""

    def receive(self):
        """The next message, as JSON. ClosedBy at the close."""
        while True:
            opcode, payload = self.frame()
            if opcode == TEXT:
                return json.loads(payload)
            if opcode == CLOSE:
                self.raw(frame(CLOSE, payload[:2]))
                code = int.from_bytes(payload[:2], "big") if payload else None
                raise ClosedBy(code, payload[2:].decode())
            assert opcode in (PING, PONG), (opcode, payload)

    def until_closed(self):
        """All messages, and (code, reason)."""
        messages = []
        try:
            while True:
                messages.append(self.receive())
        except ClosedBy as e:
            return messages, (e.code, e.reason)
