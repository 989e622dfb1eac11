# SPDX-License-Identifier: Apache-2.0
"""Pages of other origins: nothing unless configured, and then exactly what a browser needs."""

import json

from lib.server import Server

SETTINGS = {"cors_origins": "https://app.example.com, http://localhost:3000"}

ORIGIN = "https://app.example.com"
HELLO = json.dumps({"language": "python", "code": "print(1)"}).encode()


def _preflight(server, origin=ORIGIN, path="/v1/execute", method="POST"):
    headers = (("Origin", origin), ("Access-Control-Request-Method", method),
               ("Access-Control-Request-Headers", "authorization,content-type,x-stainless-lang"))
    return server.request("OPTIONS", path, headers=headers)


def _run(server, origin=ORIGIN):
    return server.request("POST", "/v1/execute", HELLO, headers=server.auth() + (("Origin", origin),))


def _cors_headers(reply):
    return sorted(name for name, _ in reply.headers if name.lower().startswith("access-control-"))


def a_page_that_asks_first_is_told_what_it_may_send(server):
    reply = _preflight(server)
    assert reply.status == 204, reply
    assert reply.header("Access-Control-Allow-Origin") == ORIGIN
    assert reply.header("Access-Control-Allow-Methods") == "POST"
    assert reply.header("Access-Control-Allow-Headers") == "authorization,content-type,x-stainless-lang"
    assert int(reply.header("Access-Control-Max-Age")) > 0
    assert "Origin" in reply.header("Vary")


def its_request_is_answered_with_its_origin_and_what_it_may_read(server):
    reply = _run(server)
    assert reply.status == 200 and reply.header("Access-Control-Allow-Origin") == ORIGIN, reply
    assert "X-RateLimit-Remaining" in reply.header("Access-Control-Expose-Headers")
    assert reply.header("Vary") == "Origin"


def errors_can_be_read_by_the_page_as_well(server):
    reply = server.request("POST", "/v1/execute", b"{", headers=(("Origin", ORIGIN),))
    assert reply.status == 401 and reply.header("Access-Control-Allow-Origin") == ORIGIN, reply


def another_origin_gets_no_permission(server):
    for origin in ("https://evil.example.com", "null", "https://app.example.com.evil.com", "HTTPS://APP.EXAMPLE.COM"):
        assert _preflight(server, origin).status == 405, origin
        reply = _run(server, origin)
        assert not _cors_headers(reply) and reply.header("Vary") == "Origin", reply.headers


def an_address_that_is_not_there_has_no_preflight(server):
    assert _preflight(server, path="/v1/nothing").status == 404


def without_configuration_there_are_no_headers():
    with Server() as server:
        assert _preflight(server).status == 405
        reply = _run(server)
        assert not _cors_headers(reply) and reply.header("Vary") is None, reply.headers


def everybody_is_never_given_credentials():
    with Server({"cors_origins": "*"}) as server:
        for reply in (_preflight(server), _run(server)):
            assert reply.header("Access-Control-Allow-Origin") == "*", reply.headers
            assert reply.header("Access-Control-Allow-Credentials") is None, reply.headers


def a_list_that_no_browser_would_match_is_refused():
    for text in ("app.example.com", "https://app.example.com/", "https://*.example.com", "https://"):
        with Server({"cors_origins": text}, keys=0, start=False) as server:
            server.launch()
            assert server.process.wait(20) != 0 and "cors_origins must be" in server.log(), text
