# SPDX-License-Identifier: Apache-2.0
"""Runs whose output is told as it happens."""

import json
import time

from lib import events, host
from lib.client import Closed, wait_until
from lib.scenario import cases
from lib.server import Server, gone

SETTINGS = {"stream_heartbeat_ms": 200, "write_time_ms": 3000, "stream_kept_bytes": 4096, "stream_time_ms": 3000}

CHATTY = "import sys, time\nfor i in range({count}):\n print(i, flush=True)\n time.sleep({pause})"


def _text(found, name="stdout"):
    return "".join(event.data["data"] for event in found if event.name == name)


def a_run_is_told_in_events_with_numbers_and_times(server):
    with events.execute(server, "python", "print(6 * 7)") as stream:
        found = stream.rest()
    assert stream.status == 200 and stream.headers["Content-Type"] == "text/event-stream", stream.headers
    assert [e.name for e in found] == ["started", "stdout", "result"], found
    assert [e.number for e in found] == [1, 2, 3]
    times = [e.data["time_ms"] for e in found]
    assert times == sorted(times) and 0 <= times[0] and times[-1] < 60000, times
    assert found[0].data["stage"] == "run" and found[0].data["id"] == stream.headers["X-Execution-Id"]
    assert found[1].data["data"] == "42\n" and found[1].data["stage"] == "run"
    body = found[2].data["body"]
    assert found[2].data["status"] == 200 and body["status"] == "ok" and body["stdout"] == "42\n", body
    assert body["id"] == found[0].data["id"]


def output_comes_while_the_program_runs(server):
    with events.execute(server, "python", CHATTY.format(count=3, pause=0.4)) as stream:
        found = stream.rest()
    lines = [e for e in found if e.name == "stdout"]
    assert _text(found) == "0\n1\n2\n"
    assert lines[0].arrived < found[-1].arrived - 0.7, found


def both_streams_are_in_the_order_of_their_arrival(server):
    code = ("import sys, time\nfor i in range(6):\n"
            " print(i, file=[sys.stdout, sys.stderr][i % 2], flush=True)\n time.sleep(0.05)")
    with events.execute(server, "python", code) as stream:
        found = stream.rest()
    told = [(e.name, e.data["data"].strip()) for e in found if e.name in ("stdout", "stderr")]
    assert told == [(["stdout", "stderr"][i % 2], str(i)) for i in range(6)], told


def a_character_is_not_cut_in_two(server):
    code = "import os, time\nfor b in '\\u20ac\\U0001f600'.encode():\n os.write(1, bytes([b]))\n time.sleep(0.03)"
    with events.execute(server, "python", code) as stream:
        found = stream.rest()
    assert _text(found) == "\u20ac\U0001f600" and "\ufffd" not in _text(found), found


def bytes_come_in_base64_where_that_is_asked_for(server):
    import base64
    with events.execute(server, "python", "import os; os.write(1, bytes(range(256)))", output_encoding="base64") as stream:
        found = stream.rest()
    data = b"".join(base64.b64decode(e.data["data"]) for e in found if e.name == "stdout")
    assert data == bytes(range(256)) and base64.b64decode(found[-1].data["body"]["stdout"]) == data


def a_compile_is_a_stage_of_its_own_and_so_is_a_cached_one(server):
    code = f'#include <stdio.h>\n#warning seen\n/* {time.time()} */ int main(void) {{ puts("x"); return 3; }}'
    for cached in (False, True):
        with events.execute(server, "c", code) as stream:
            found = stream.rest()
        assert [e.data["stage"] for e in found if e.name == "started"] == ["compile", "run"], found
        assert "seen" in _text([e for e in found if e.data.get("stage") == "compile"], "stderr")
        assert found[-1].data["body"]["exit_code"] == 3 and found[-1].data["body"]["compile"]["cached"] == cached


def files_come_before_the_result(server):
    code = "open('artifacts/a.txt', 'w').write('hello')"
    with events.execute(server, "python", code, artifacts=True) as stream:
        found = stream.rest()
    assert [e.name for e in found] == ["started", "artifact", "result"], found
    assert found[1].data["name"] == "artifacts/a.txt" and found[1].data["content"] == "aGVsbG8=", found[1].data


def the_same_limit_ends_it_as_without_events(server):
    with events.execute(server, "python", "while True: print('x' * 1000)", limits={"output_bytes": 50000}) as stream:
        found = stream.rest()
    body = found[-1].data["body"]
    assert body["status"] == "output_limit" and len(body["stdout"]) == 50000 and body["stdout_truncated"], body["status"]
    assert _text(found) == body["stdout"]


def a_wrong_request_is_answered_as_ever(server):
    reply = events.execute(server, "no-such-language", "x")
    assert reply.status == 400 and json.loads(reply.text)["error"]["code"] == "unknown_language", reply.text


def other_formats_have_their_own_answer_in_it(server):
    body = json.dumps({"language": "python", "version": "*", "files": [{"content": "print(1)"}]}).encode()
    with events.open_stream(server, "POST", "/api/v2/execute", body) as stream:
        found = stream.rest()
    assert found[-1].data["body"]["run"]["stdout"] == "1\n", found


def a_silent_program_is_known_to_live(server):
    with events.execute(server, "bash", "sleep 1") as stream:
        found = stream.rest()
    assert stream.heartbeats >= 3 and found[-1].name == "result", stream.heartbeats


def the_connection_serves_the_next_request(server):
    with events.execute(server, "bash", "echo 1") as stream:
        stream.rest()
        assert stream.connection.request("GET", "/healthz").status == 200


def http_1_0_gets_it_without_chunks_to_the_end_of_the_connection(server):
    body = json.dumps({"language": "bash", "code": "echo old"}).encode()
    answer = server.raw(b"POST /v1/execute HTTP/1.0\r\nAccept: text/event-stream\r\nContent-Type: application/json\r\n"
                        b"Authorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s" % (server.key.encode(), len(body), body))
    head, _, text = answer.partition(b"\r\n\r\n")
    assert b"chunked" not in head and b"Connection: close" in head, head
    assert text.startswith(b"id: 1\nevent: started\n") and text.endswith(b"\n\n"), text


def a_client_who_goes_ends_the_run(server):
    with events.execute(server, "bash", "echo up; sleep 1236") as stream:
        while stream.event().name != "stdout":
            pass
        pids = wait_until(lambda: [p for p in server.processes() if "sleep 1236" in host.command_line(p)])
    assert gone(pids)
    wait_until(lambda: server.metrics()["sandglass_jobs_running"] == 0)


def a_slow_reader_makes_the_program_wait():
    code = "import sys, time\nfor i in range(100):\n sys.stdout.write('x' * 100000); sys.stdout.flush()\n"
    limits = {"output_bytes": 20000000, "wall_time_ms": 60000}
    with Server({**SETTINGS, "write_time_ms": 60000}) as server, events.execute(server, "python", code, limits=limits) as stream:
        stream.event()
        before = server.metrics()
        time.sleep(1.5)
        assert server.metrics()["sandglass_stream_bytes"] < 3000000
        assert before["sandglass_jobs_running"] == 1 == server.metrics()["sandglass_jobs_running"]
        found = stream.rest()
    assert found[-1].data["body"]["status"] == "ok" and len(_text(found)) == 10000000, found[-1].data["body"]["status"]


def a_reader_who_takes_nothing_is_cut_off(server):
    code = "import sys\nwhile True: sys.stdout.write('x' * 100000)\n"
    with events.execute(server, "python", code, limits={"output_bytes": 20000000, "wall_time_ms": 60000}) as stream:
        began = time.monotonic()
        wait_until(lambda: server.metrics()["sandglass_jobs_running"] == 0)
        assert time.monotonic() - began < 20
        try:
            stream.rest()
            raise AssertionError("the stream ended as if it were whole")
        except (Closed, ConnectionResetError):
            pass


# --- followed again ---

RESUMABLE = (("Prefer", "resumable"),)


def a_run_goes_on_without_its_client_and_is_followed_again(server):
    with events.execute(server, "python", CHATTY.format(count=8, pause=0.1), headers=RESUMABLE) as stream:
        assert stream.headers["Preference-Applied"] == "resumable"
        name = stream.headers["X-Execution-Id"]
        first = [stream.event() for _ in range(3)]
    with events.follow(server, name, after=first[-1].number) as stream:
        rest = stream.rest()
    assert [e.number for e in first + rest] == list(range(1, len(first + rest) + 1))
    assert _text(first + rest) == "".join(f"{i}\n" for i in range(8)) and rest[-1].name == "result", rest


def all_of_it_can_be_had_after_its_end_for_a_while(server):
    with events.execute(server, "bash", "echo once", headers=RESUMABLE) as stream:
        name, found = stream.headers["X-Execution-Id"], stream.rest()
    with events.follow(server, name) as stream:
        again = stream.rest()
    assert [(e.number, e.name, e.data) for e in again] == [(e.number, e.name, e.data) for e in found]
    wait_until(lambda: events.follow(server, name).status == 404)


def what_is_not_kept_any_more_is_a_gap_and_the_result_is_there(server):
    code = "import time\nfor i in range(40):\n print('x' * 1000, flush=True)\n time.sleep(0.005)"
    with events.execute(server, "python", code, headers=RESUMABLE) as stream:
        name, found = stream.headers["X-Execution-Id"], stream.rest()
    with events.follow(server, name, after=1) as stream:
        again = stream.rest()
    assert again[0].name == "gap" and again[0].number is None, again[:2]
    assert again[0].data["missed"] == found[-1].number - 1 - len(again[1:]) > 0, again[0]
    assert again[-1].data["body"]["stdout"] == ("x" * 1000 + "\n") * 40


def two_may_follow_and_a_third_with_another_key_may_not(server):
    with events.execute(server, "python", CHATTY.format(count=5, pause=0.1), headers=RESUMABLE) as one:
        name = one.headers["X-Execution-Id"]
        one.event()
        with events.follow(server, name) as two:
            assert _text(two.rest()) == _text(one.rest()) == "0\n1\n2\n3\n4\n"
    other = server.make_key()
    wait_until(lambda: server.get("/v1/runtimes", key=other).status == 200)
    assert events.follow(server, name, key=other).status == 404


@cases("exe_00000000000000000000000000", "x", "%00", "a" * 300)
def what_is_not_there_is_404(server, name):
    assert events.follow(server, name).status == 404


def a_run_that_does_not_ask_for_it_cannot_be_followed_again(server):
    with events.execute(server, "bash", "echo 1; sleep 0.3") as stream:
        assert events.follow(server, stream.headers["X-Execution-Id"]).status == 404
        stream.rest()


def the_answer_to_an_idempotency_key_is_the_result(server):
    headers = (("Idempotency-Key", f"k{time.time()}"),)
    with events.execute(server, "bash", "echo $RANDOM$RANDOM", headers=headers) as stream:
        result = stream.rest()[-1]
    again = events.execute(server, "bash", "echo $RANDOM$RANDOM", headers=headers)
    assert again.headers["Idempotency-Replayed"] == "true" and again.headers["Content-Type"] == "text/event-stream"
    assert json.dumps(result.data["body"]["stdout"]).encode() in again.text
