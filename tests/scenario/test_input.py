# SPDX-License-Identifier: Apache-2.0
"""Bad bodies: each gets 400 with a code and a sentence, and nothing is run."""

import json

from lib.scenario import cases


def _refused(server, body, code=None):
    reply = server.post("/v1/execute", body)
    assert reply.status == 400 and len(reply.error["message"]) > 10 and reply.error["retryable"] is False, reply
    assert code in (None, reply.error["code"]), reply
    return reply.error


@cases(b"", b"{", b"nonsense", b"{'a': 1}", b'{"language":"bash",}', b'{"language":"bash"} x', b"\xef\xbb\xbf{}", b"{} {}", b"// x\n{}", b'{"a":01}',
       b'{"a":+1}', b'{"a":.5}', b'{"a":NaN}', b'{"a":Infinity}', b'{"language":"ba\nsh"}', b'{"language":"\xff\xfe"}', b'{"language":"\\ud800"}',
       b'{"language":"\\x41"}', b"[" * 100000, b'{"a":' * 5000, b'{"language":"\xc0\x80"}', b'{"language":"\xed\xa0\x80"}', b"\0")
def what_is_not_json_is_refused(server, body):
    _refused(server, body, "invalid_json")


@cases(b"[]", b"null", b"5", b'"text"', b"true")
def json_that_is_no_object_is_refused(server, body):
    _refused(server, body)


def a_field_sent_twice_is_refused(server):
    error = _refused(server, b'{"language":"bash","code":"echo 1","code":"echo 2"}')
    assert "code" in (error.get("field") or error["message"]), error


def a_missing_language_is_named(server):
    error = _refused(server, b'{"code":"true"}', "missing_field")
    assert error["field"] == "language", error


@cases("language", "version", "code", "stdin", "entrypoint", "engine", "output_encoding", "args", "env", "limits", "files")
def null_and_wrong_types_are_refused_for_every_field(server, name):
    good = {"language": "bash", "code": "true"}
    for value in (None, 5, True, 1.5) + (("text",) if name in ("args", "env", "limits", "files") else ([], {})):
        request = {**good, name: value}
        if name == "files":
            del request["code"]
        error = _refused(server, json.dumps(request).encode())
        assert error["field"].split("[")[0].split(".")[0] == name, (value, error)


def an_error_has_all_its_fields(server):
    reply = server.execute("bash", "true", limits={"processes": 10**9})
    error = reply.error
    assert set(error) >= {"code", "message", "field", "limit", "retryable"}, error
    assert reply.header("Content-Type") == "application/json" and reply.header("X-Request-Id"), reply.headers
    assert error.get("request_id", reply.header("X-Request-Id")) == reply.header("X-Request-Id"), error


@cases("text/plain", "application/x-www-form-urlencoded", "application/jsonx", "multipart/mixed")
def only_json_is_taken(server, content_type):
    body = b'{"language":"bash","code":"true"}'
    with server.connect() as connection:
        connection.send(b"POST /v1/execute HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"
                        % (server.key.encode(), content_type.encode(), len(body), body))
        reply = connection.receive()
    assert (reply.status, reply.error["code"]) == (415, "unsupported_media_type"), reply


def deeply_nested_and_huge_bodies_leave_the_server_well(server):
    for body in (b'{"args":' + b"[" * 1000000, b'{"a":"' + b"\\u0041" * 1000000 + b'"}', b'{"n":' + b"9" * 1000000 + b"}",
                 b"{" + b",".join(b'"k%d":1' % i for i in range(100000)) + b"}"):
        _refused(server, body)
    assert server.run("bash", "echo well")["stdout"] == "well\n"


def unknown_addresses_and_methods_are_told_apart(server):
    assert server.get("/v1/nothing").status == 404
    for method, path in (("GET", "/v1/execute"), ("POST", "/v1/capabilities"), ("DELETE", "/healthz"), ("PUT", "/v1/execute")):
        reply = server.request(method, path, b"" if method != "GET" else None)
        assert (reply.status, reply.error["code"]) == (405, "method_not_allowed"), (method, path, reply)


@cases("/v1/execute//", "/V1/execute", "/v1//execute", "/v1/../v1/execute", "/v1/execute%20", "/%761/execute", "//v1/execute")
def an_address_that_is_only_similar_is_not_found(server, path):
    assert server.post(path, {"language": "bash", "code": "true"}).status in (400, 404)
