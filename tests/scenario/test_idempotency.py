# SPDX-License-Identifier: Apache-2.0
"""A POST with an Idempotency-Key is done once, however often it is sent."""

import itertools
import json
import threading
import time

from lib.client import encode_request, wait_until
from lib.scenario import cases
from lib.server import Server

NOW = "import time; print(time.time_ns())"

_names = (f"test-{number}" for number in itertools.count())


def _post(server, name, code=NOW, path="/v1/execute", key=None, body=None):
    body = json.dumps({"language": "python", "code": code}).encode() if body is None else body
    headers = server.auth(key) + ((("Idempotency-Key", name),) if name is not None else ())
    return server.request("POST", path, body, headers=headers)


def _replayed(reply):
    return reply.header("Idempotency-Replayed")


@cases("/v1/execute", "/native/v1/execute", "/api/v1/execute")
def the_second_gets_the_first_ones_answer(server, path):
    name = next(_names)
    first, second = _post(server, name, path=path), _post(server, name, path=path)
    assert first.status == second.status == 200 and first.body == second.body, (first, second)
    assert _replayed(first) is None and _replayed(second) == "true"
    assert first.header("X-Request-Id") != second.header("X-Request-Id")


def without_a_key_it_runs_again(server):
    assert _post(server, None).json["stdout"] != _post(server, None).json["stdout"]


def refusals_of_the_request_are_repeated_as_well(server):
    name = next(_names)
    first, second = _post(server, name, body=b"{"), _post(server, name, body=b"{")
    assert first.status == second.status == 400 and _replayed(second) == "true", (first, second)


def another_request_under_the_same_name_is_refused(server):
    name = next(_names)
    assert _post(server, name).status == 200
    for other in (_post(server, name, "print(2)"), _post(server, name, path="/native/v1/execute"), _post(server, name, path="/v1/execute?x")):
        assert other.status == 422 and other.error["code"] == "idempotency_key_reused", other


def two_api_keys_may_use_the_same_name(server):
    name, key = next(_names), server.make_key()

    def accepted():
        """the new key is known"""
        return server.get("/v1/runtimes", key=key).status == 200

    wait_until(accepted)
    assert _post(server, name).json["stdout"] != _post(server, name, key=key).json["stdout"]


def while_the_first_runs_the_second_is_told_to_come_back(server):
    name, code, replies = next(_names), "import time; time.sleep(1.5); print('slept')", []
    thread = threading.Thread(target=lambda: replies.append(_post(server, name, code)))
    thread.start()

    def running():
        """the first runs"""
        return server.metrics()["sandglass_jobs_running"] > 0

    wait_until(running)
    early = _post(server, name, code)
    assert early.status == 409 and early.error["code"] == "still_running" and early.error["retryable"], early
    assert int(early.header("Retry-After")) >= 1, early.headers
    thread.join()
    assert _post(server, name, code).body == replies[0].body


def a_broken_connection_frees_the_name(server):
    name, code = next(_names), "import time; time.sleep(20)"
    body = json.dumps({"language": "python", "code": code}).encode()
    with server.connect() as connection:
        connection.send(encode_request("POST", "/v1/execute", body, server.auth() + (("Idempotency-Key", name),)))

        def running():
            """it runs"""
            return server.metrics()["sandglass_jobs_running"] > 0

        wait_until(running)
    server.wait_idle()
    assert _post(server, name, "print('again')").json["stdout"] == "again\n"


@cases("", "x" * 256)
def names_have_1_to_255_characters(server, name):
    reply = _post(server, name)
    assert reply.status == 400 and reply.error["code"] == "invalid_idempotency_key", reply


def the_longest_name_is_taken(server):
    assert _post(server, "y" * 255).status == 200


def errors_of_ours_are_not_kept(server):
    """Nadoo's clients get a 500 for a timeout: the next attempt may be quicker."""
    name = next(_names)
    body = json.dumps({"language": "python", "code": "import time; time.sleep(9)", "timeout": 1}).encode()
    for _ in range(2):
        reply = _post(server, name, path="/api/v1/execute", body=body)
        assert reply.status == 500 and _replayed(reply) is None, reply


def only_so_many_are_kept_and_the_oldest_go_first():
    with Server({"idempotency_entries_max": 2}) as server:
        first = [_post(server, f"n{i}").body for i in range(3)]
        assert server.metrics()["sandglass_idempotency_kept"] == 2
        assert _post(server, "n2").body == first[2] and _post(server, "n1").body == first[1]
        assert _post(server, "n0").body != first[0]


def an_answer_that_is_too_large_is_not_kept():
    with Server({"idempotency_bytes_max": 65536}) as server:
        for length, kept in ((100, True), (10_000, False)):
            name = f"l{length}"
            first = _post(server, name, f"{NOW}; print('x' * {length})")
            again = _post(server, name, f"{NOW}; print('x' * {length})")
            assert (first.body == again.body) is kept, length


def they_are_forgotten_in_time_and_can_be_turned_off():
    with Server({"idempotency_time_ms": 1000}) as server:
        first = _post(server, "a").body
        assert _post(server, "a").body == first
        time.sleep(1.1)
        assert _post(server, "a").body != first
    with Server({"idempotency_time_ms": 0}) as server:
        assert _post(server, "a").body != _post(server, "a").body
