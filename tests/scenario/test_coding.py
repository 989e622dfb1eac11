# SPDX-License-Identifier: Apache-2.0
"""Large answers are compressed for those who take it."""

import gzip
import json
import subprocess
import time

from lib.client import encode_request
from lib.scenario import cases

SETTINGS = {"output_bytes_default": 20971520}


def _run(server, code, accept=None, **more):
    headers = server.auth() + ((("Accept-Encoding", accept),) if accept is not None else ())
    body = json.dumps({"language": "python", "code": code, **more}).encode()
    return server.request("POST", "/v1/execute", body, headers=headers, timeout=120)


def _plain(reply):
    coding = reply.header("Content-Encoding")
    if coding == "gzip":
        return gzip.decompress(reply.body)
    if coding == "zstd":
        return subprocess.run(["zstd", "-dcq"], input=reply.body, stdout=subprocess.PIPE, check=True).stdout
    assert coding is None, coding
    return reply.body


LINES = "for i in range(20000): print('line', i)"


@cases(("gzip", "gzip"), ("zstd", "zstd"), ("gzip, deflate, br, zstd", "zstd"), ("gzip;q=1.0, zstd;q=0.5", "gzip"), ("*", "zstd"),
       ("zstd;q=0, *;q=0.1", "gzip"), ("x-gzip", "gzip"), ("GZIP ; Q=0.3", "gzip"), ("identity, gzip;q=0.5", None),
       ("gzip;q=0", None), ("br", None), ("", None), (None, None), ("identity;q=0, br", None), ("gzip;q=x", None))
def the_client_chooses(server, accept, coding):
    reply = _run(server, LINES, accept)
    assert reply.header("Content-Encoding") == coding, reply.headers
    assert reply.header("Vary") == "Accept-Encoding", reply.headers
    assert json.loads(_plain(reply))["stdout"].endswith("line 19999\n")
    assert coding is None or len(reply.body) < 100_000, len(reply.body)


def small_answers_are_as_they_were(server):
    reply = _run(server, "print(1)", "gzip, zstd")
    assert reply.header("Content-Encoding") is None and reply.header("Vary") is None, reply.headers


@cases("gzip", "zstd")
def what_does_not_shrink_is_sent_as_it_is(server, accept):
    reply = _run(server, "import os, base64; print(base64.b85encode(os.urandom(600)).decode())", accept)
    assert json.loads(_plain(reply))["stdout"]


@cases("gzip", "zstd")
def twenty_megabytes_come_whole(server, accept):
    reply = _run(server, "import sys\nfor i in range(1900): sys.stdout.write(f'{i:05d}' * 2048)", accept)
    assert reply.header("Content-Encoding") == accept, reply.headers
    stdout = json.loads(_plain(reply))["stdout"]
    assert stdout == "".join(f"{i:05d}" * 2048 for i in range(1900)), len(stdout)


def a_client_that_leaves_meanwhile_does_no_harm(server):
    for _ in range(5):
        with server.connect() as connection:
            headers = server.auth() + (("Accept-Encoding", "gzip"),)
            body = json.dumps({"language": "python", "code": "print('x' * 9_000_000)"}).encode()
            connection.send(encode_request("POST", "/v1/execute", body, headers))
            time.sleep(0.15)
    assert server.run("python", "print(1)")["stdout"] == "1\n"


def other_answers_are_compressed_too(server):
    reply = server.request("GET", "/v1/runtimes", headers=server.auth() + (("Accept-Encoding", "gzip"),))
    assert reply.header("Content-Encoding") == "gzip" and json.loads(_plain(reply)), reply.headers
