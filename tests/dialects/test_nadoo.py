# SPDX-License-Identifier: Apache-2.0
"""Nadoo: the examples of its documentation, and what FastAPI says of wrong requests."""

import datetime
import json
import time
import uuid

from lib.client import encode_request, wait_until
from lib.server import Server

RUN = "/api/v1/execute"
FIELDS = ["execution_id", "stdout", "stderr", "exit_code", "execution_time", "language", "session_id"]


def _post(server, value, path=RUN, key=None, **more):
    return server.post(path, value, headers=(("X-API-Key", server.key if key is None else key),), **more)


def _run(server, code, language="python", **fields):
    reply = _post(server, {"code": code, "language": language, **fields})
    assert reply.status == 200, reply
    return reply.json


def _detail(reply, status):
    assert reply.status == status, reply
    assert list(reply.json) == ["detail"], reply
    return reply.json["detail"]


# --- results ---

def the_documented_hello_has_exactly_the_documented_fields(server):
    result = _run(server, 'print("Hello, World!")\nprint(2 + 2)')
    assert list(result) == FIELDS, result
    assert uuid.UUID(result["execution_id"]).version == 4, result
    assert isinstance(result["execution_time"], float) and 0 < result["execution_time"] < 30, result
    del result["execution_id"], result["execution_time"]
    assert result == {"stdout": "Hello, World!\n4\n", "stderr": "", "exit_code": 0, "language": "python", "session_id": None}


def a_slash_at_the_end_and_the_mount_are_the_same(server):
    for path in ("/api/v1/execute/", "/nadoo/api/v1/execute", "/nadoo/api/v1/execute/"):
        assert _post(server, {"code": "print(1)", "language": "python"}, path).json["stdout"] == "1\n", path


def stdin_environment_and_session_reach_where_they_belong(server):
    result = _run(server, 'name = input("Enter your name: ")\nprint(f"Hello, {name}!")', stdin="Nadoo")
    assert result["stdout"] == "Enter your name: Hello, Nadoo!\n", result
    result = _run(server, 'import os\nprint(os.environ["API_URL"])', environment={"API_URL": "https://api.example.com"})
    assert result["stdout"] == "https://api.example.com\n", result
    assert _run(server, "", session_id="s-1")["session_id"] == "s-1"


def nulls_and_fields_of_others_are_passed_over(server):
    assert _run(server, "print(1)", stdin=None, environment=None, timeout=None, session_id=None, provider="local_docker",
               more=[1])["stdout"] == "1\n"


def a_signal_is_an_exit_code_above_128_as_from_a_shell(server):
    result = _run(server, "import os, sys; print('a', flush=True); os.kill(os.getpid(), 11)")
    assert result["exit_code"] == 139 and result["stdout"] == "a\n", result


# --- refusals ---

def keys_are_401_when_missing_and_403_when_wrong(server):
    reply = server.post(RUN, {"code": "1", "language": "python"}, headers=())
    assert _detail(reply, 401) == "API key is required" and reply.header("WWW-Authenticate") == "ApiKey", reply
    assert _detail(_post(server, {"code": "1", "language": "python"}, key="sg_wrong"), 403) == "Invalid API key"


def addresses_and_methods_are_refused_in_two_words(server):
    for path in ("/nadoo/api/v1/nothing", "/nadoo/nothing", "/api/v1/warm-pool/status"):
        assert _detail(server.get(path), 404) == "Not Found", path
    assert _detail(server.get(RUN), 405) == "Method Not Allowed"


def the_mount_itself_is_the_services_root(server):
    for path in ("/nadoo", "/nadoo/"):
        reply = server.get(path, headers=())
        assert reply.status == 200 and reply.json["service"] == "Nadoo Sandbox Service", reply
        for place in reply.json["endpoints"].values():
            assert server.request("OPTIONS", "/nadoo" + place).status == 405, place


def an_unknown_language_is_told_all_names(server):
    known = server.get(RUN + "/languages", headers=()).json
    for name in ("invalid", "Python", "c"):
        text = _detail(_post(server, {"code": "1", "language": name}), 400)
        assert text == f"Unsupported language: {name}. Supported languages: {', '.join(known)}", text


def _what_pydantic_finds(server, body, path=RUN):
    return _detail(_post(server, body, path), 422)


def wrong_fields_are_all_named_in_the_order_of_the_model(server):
    body = {"language": 5, "stdin": [1.5], "environment": {"A": 1, "B": "b"}, "timeout": "soon", "session_id": {}}
    assert _what_pydantic_finds(server, body) == [
        {"type": "missing", "loc": ["body", "code"], "msg": "Field required", "input": body},
        {"type": "string_type", "loc": ["body", "language"], "msg": "Input should be a valid string", "input": 5},
        {"type": "string_type", "loc": ["body", "stdin"], "msg": "Input should be a valid string", "input": [1.5]},
        {"type": "string_type", "loc": ["body", "environment", "A"], "msg": "Input should be a valid string", "input": 1},
        {"type": "int_parsing", "loc": ["body", "timeout"],
         "msg": "Input should be a valid integer, unable to parse string as an integer", "input": "soon"},
        {"type": "string_type", "loc": ["body", "session_id"], "msg": "Input should be a valid string", "input": {}},
    ]


def integers_are_what_pydantic_takes_for_one(server):
    def kinds(timeout):
        reply = _post(server, {"code": "", "language": "python", "timeout": timeout})
        return [found["type"] for found in reply.json["detail"]] if reply.status == 422 else reply.status

    assert [kinds(t) for t in (5, 5.0, "5", " +5.0 ", True, 0, None)] == [200] * 7
    assert [kinds(t) for t in (1.5, "", "5s", [], {})] == [
        ["int_from_float"], ["int_parsing"], ["int_parsing"], ["int_type"], ["int_type"]]


def bodies_that_are_no_object(server):
    assert _what_pydantic_finds(server, b"") == [{"type": "missing", "loc": ["body"], "msg": "Field required", "input": None}]
    assert _what_pydantic_finds(server, b"null") == _what_pydantic_finds(server, b"")
    assert _what_pydantic_finds(server, b"[1]") == [{
        "type": "model_attributes_type", "loc": ["body"],
        "msg": "Input should be a valid dictionary or object to extract fields from", "input": [1]}]


WRONG_JSON = [
    "{", "[", '{"code" 1}', '{"code": }', '{"code": 1,}', '{"code": 1 "b": 2}', "{'code': 1}", '{"code": "a', '{"a": "\\x"}',
    '{"a": "\\u12g4"}', '{"a": "\\u12', '{"a": "b\nc"}', "{} {}", "nul", "tru", "-", "01", "1.", "1.e5", "1e", "[1,]", "[1 2]",
    '{"\u00e9\u4f60": x}', "   {", '{"a": +1}', '{"a": .5}', '{"a"', '{"a":', '"\\', ']', '{"a": [1, {"b": tru}]}',
]


def broken_json_is_described_as_python_describes_it(server):
    for text in WRONG_JSON:
        try:
            json.loads(text)
            raise AssertionError(f"{text!r} is JSON")
        except json.JSONDecodeError as e:
            # Python 3.13 has a word of its own for a comma before the end
            at, words = e.pos, e.msg
            if words.startswith("Illegal trailing comma"):
                continue
        assert _what_pydantic_finds(server, text.encode()) == [
            {"type": "json_invalid", "loc": ["body", at], "msg": "JSON decode error", "input": {}, "ctx": {"error": words}}], text


def json_that_only_this_server_refuses_is_named(server):
    found = _what_pydantic_finds(server, b'{"code": "a", "code": "b"}')[0]
    assert found["type"] == "json_invalid" and "twice" in found["ctx"]["error"], found
    assert _detail(_post(server, b'{"code": "\xff"}'), 400) == "There was an error parsing the body"


def values_that_are_too_long_to_come_back_are_left_out(server):
    found = _what_pydantic_finds(server, {"language": "python", "stdin": ["x" * 100_000]})
    assert [sorted(one) for one in found] == [["loc", "msg", "type"]] * 2, found


# --- limits ---

def a_timeout_is_an_error_of_the_server_as_documented(server):
    reply = _post(server, {"code": "import time; time.sleep(60)", "language": "python", "timeout": 1})
    assert _detail(reply, 500) == "Execution failed: container timeout"
    assert _detail(_post(server, {"code": "", "language": "python", "timeout": 301}), 400) == "timeout must be at most 300 seconds"


def what_the_server_says_of_itself(server):
    known = server.get(RUN + "/languages", headers=()).json
    assert known[:2] == ["python", "javascript"] and set(known) <= {
        "python", "javascript", "typescript", "java", "go", "rust", "cpp", "csharp", "ruby", "php", "sql", "bash"}, known
    assert server.get(RUN + "/health", headers=()).json == {
        "status": "healthy", "service": "sandbox", "version": "0.1.0", "supported_languages": len(known)}
    info = server.get(RUN + "/language/python/info", headers=()).json
    assert list(info) == ["language", "docker_image", "file_extension", "max_execution_time", "max_memory", "max_cpu"], info
    assert info["file_extension"] == "py" and info["max_execution_time"] == 300 and info["max_memory"] == "2048m", info
    assert _detail(server.get(RUN + "/language/cobol/info", headers=()), 404) == "Language cobol not supported"
    assert server.get("/health", headers=()).json["status"] == "healthy"


def a_session_is_cleaned_up_whatever_its_name(server):
    assert server.request("DELETE", RUN + "/session/my%20session").json == {"message": "Session my session cleaned up"}


def the_one_provider_is_this_server(server):
    providers = server.get("/api/v1/providers").json
    assert providers["default"] == "local_docker" and providers["providers"][0]["healthy"] is True, providers
    assert server.get("/api/v1/providers/local_docker").json["name"] == "local_docker"
    assert server.get("/api/v1/providers/local_docker/metrics").json["provider"] == "local_docker"
    assert _detail(server.get("/api/v1/providers/x"), 404) == "Unknown provider: x"
    assert _detail(server.get("/api/v1/providers/aws_lambda/health"), 404) == "Provider not registered: aws_lambda"
    warm = "/api/v1/providers/local_docker/warmup"
    assert _post(server, {}, warm).json == {"runtime": "python:3.11", "requested": 1, "warmed": 0}
    assert _detail(_post(server, {"runtime": "x:1"}, warm), 400) == "Unknown runtime: x:1"


# --- asked for, and asked about ---

STATUS_FIELDS = ["execution_id", "status", "created_at", "started_at", "completed_at", "result"]


def _begin(server, code, **fields):
    reply = _post(server, {"code": code, "language": "python", **fields}, RUN + "/async")
    assert reply.status == 200 and list(reply.json) == STATUS_FIELDS, reply
    return reply.json


def _status(server, name, key=None):
    return server.get(f"{RUN}/status/{name}", headers=(("X-API-Key", key or server.key),))


def _ended(server, name):
    def done():
        """it has ended"""
        reply = _status(server, name)
        assert reply.status == 200, reply
        return reply.json if reply.json["status"] not in ("pending", "running") else None

    return wait_until(done, 20)


def an_execution_is_begun_and_then_found_with_its_result(server):
    begun = _begin(server, "print(input())", stdin="later", session_id="s")
    assert begun["status"] == "pending" and begun["started_at"] is begun["completed_at"] is begun["result"] is None, begun
    ended = _ended(server, begun["execution_id"])
    assert list(ended) == STATUS_FIELDS and ended["status"] == "completed", ended
    assert list(ended["result"]) == FIELDS and ended["result"]["stdout"] == "later\n" and ended["result"]["session_id"] == "s", ended
    assert ended["result"]["execution_id"] == ended["execution_id"] == begun["execution_id"]
    times = [datetime.datetime.fromisoformat(ended[name].replace("Z", "+00:00")) for name in ("created_at", "started_at", "completed_at")]
    assert times == sorted(times), ended


def while_it_runs_it_says_so_and_a_failing_program_is_completed(server):
    name = _begin(server, "import time, sys; time.sleep(1); sys.exit(3)")["execution_id"]

    def running():
        """it is said to run"""
        reply = _status(server, name).json
        return reply["status"] == "running" and reply["started_at"] and reply["result"] is None

    wait_until(running)
    ended = _ended(server, name)
    assert ended["status"] == "completed" and ended["result"]["exit_code"] == 3, ended


def one_that_takes_too_long_has_failed(server):
    ended = _ended(server, _begin(server, "import time; time.sleep(60)", timeout=1)["execution_id"])
    assert ended["status"] == "failed" and ended["result"]["exit_code"] == -1, ended
    assert ended["result"]["stderr"] == "Execution timeout exceeded" and ended["result"]["stdout"] == "", ended


def it_is_found_by_its_own_key_only(server):
    name, key = _begin(server, "print(1)")["execution_id"], server.make_key()

    def accepted():
        """the new key is known"""
        return _status(server, name, key).status == 404

    wait_until(accepted)
    assert _detail(_status(server, name, key), 404) == f"Execution {name} not found"
    assert _ended(server, name)["status"] == "completed"


def what_was_never_begun_is_not_found(server):
    assert _detail(_status(server, "550e8400-e29b-41d4-a716-446655440000"), 404) == \
        "Execution 550e8400-e29b-41d4-a716-446655440000 not found"


def async_requests_are_checked_like_others(server):
    assert _detail(_post(server, {"code": "1", "language": "x"}, RUN + "/async"), 400) == "Unsupported language: x"
    assert _what_pydantic_finds(server, {"code": "1"}, RUN + "/async")[0]["loc"] == ["body", "language"]
    before = server.metrics()["sandglass_async_runs"]
    assert _post(server, b"{", RUN + "/async").status == 422
    assert server.metrics()["sandglass_async_runs"] == before


def results_are_bounded_in_number_bytes_and_time():
    with Server({"async_runs_max": 2, "async_bytes_max": 1_000_000, "async_time_ms": 3000}) as server:
        names = []
        for code in ("print(1)", "print(2)", "print(3)"):
            names.append(_begin(server, code)["execution_id"])
            _ended(server, names[-1])
        assert [_status(server, name).status for name in names] == [404, 200, 200]
        large = _ended(server, _begin(server, "print('x' * 2_000_000)")["execution_id"])
        assert large["status"] == "failed" and "larger than this server keeps" in large["result"]["stderr"], large
        sleeping = [_begin(server, "import time; time.sleep(2)") for _ in range(2)]
        assert _post(server, {"code": "", "language": "python"}, RUN + "/async").status == 429
        assert [_ended(server, one["execution_id"])["status"] for one in sleeping] == ["completed"] * 2
        time.sleep(3.1)
        assert _status(server, sleeping[0]["execution_id"]).status == 404
        assert server.metrics()["sandglass_async_runs"] == server.metrics()["sandglass_async_bytes"] == 0


# --- batches ---

def _item(code, language="python", **fields):
    return {"code": code, "language": language, **fields}


def a_batch_is_answered_in_order_with_failures_as_items(server):
    batch = [_item("print(1)", session_id="a"), _item("1", "invalid", session_id="b"), _item("import sys; sys.exit(4)"),
             _item("import time; time.sleep(9)", timeout=1), _item("print(5)", timeout=9999)]
    reply = _post(server, batch, RUN + "/batch")
    assert reply.status == 200 and [list(one) for one in reply.json] == [FIELDS] * 5, reply
    assert [one["exit_code"] for one in reply.json] == [0, -1, 4, -1, -1], reply
    assert reply.json[0]["stdout"] == "1\n" and [one["session_id"] for one in reply.json[:2]] == ["a", "b"], reply
    assert reply.json[1]["stderr"].startswith("Unsupported language: invalid") and reply.json[1]["language"] == "invalid", reply
    assert reply.json[3]["stderr"] == "Execution timeout exceeded" and "at most 300" in reply.json[4]["stderr"], reply
    assert len({one["execution_id"] for one in reply.json}) == 5, reply


def ten_are_taken_and_eleven_are_not(server):
    assert [one["stdout"] for one in _post(server, [_item(f"print({i})") for i in range(10)], RUN + "/batch").json] == [
        f"{i}\n" for i in range(10)]
    assert _detail(_post(server, [_item("")] * 11, RUN + "/batch"), 400) == "Maximum 10 executions allowed in a batch"
    assert _post(server, [], RUN + "/batch").json == []


def a_wrong_item_is_named_by_its_number(server):
    found = _what_pydantic_finds(server, [_item("1"), {"language": "python"}], RUN + "/batch")
    assert found == [{"type": "missing", "loc": ["body", 1, "code"], "msg": "Field required", "input": {"language": "python"}}]
    assert _what_pydantic_finds(server, {}, RUN + "/batch") == [
        {"type": "list_type", "loc": ["body"], "msg": "Input should be a valid list", "input": {}}]


def they_run_one_after_another(server):
    code = "import time; a = time.time(); time.sleep(0.3); print(a, time.time())"
    spans = [tuple(map(float, one["stdout"].split())) for one in _post(server, [_item(code)] * 3, RUN + "/batch").json]
    assert all(end <= begin for (_, end), (begin, _) in zip(spans, spans[1:])), spans


def a_client_that_leaves_ends_its_batch(server):
    server.wait_idle()
    before = server.metrics()
    body = json.dumps([_item("import time; time.sleep(30)")] * 3).encode()
    with server.connect() as connection:
        connection.send(encode_request("POST", RUN + "/batch", body, (("X-API-Key", server.key),)))

        def running():
            """the first runs"""
            return server.metrics()["sandglass_jobs_running"] > before["sandglass_jobs_running"]

        wait_until(running)
    server.wait_idle()
    after = server.metrics()
    assert after["sandglass_jobs_submitted_total"] == before["sandglass_jobs_submitted_total"] + 1, after


def each_of_a_batch_counts_for_the_rate():
    with Server({"rate_per_minute": 5}) as server:
        assert _post(server, [_item("")] * 4, RUN + "/batch").status == 200
        reply = _post(server, [_item("")] * 2, RUN + "/batch")
        assert _detail(reply, 429) == "Rate limit exceeded. Please try again later.", reply
        assert int(reply.header("Retry-After")) >= 1 and reply.header("X-RateLimit-Limit") == "5", reply.headers


# --- as in the source ---

def timeouts_can_be_what_the_source_makes_of_them():
    with Server({"nadoo_timeouts": "source"}) as server:
        result = _run(server, "import time; print('lost', flush=True); time.sleep(60)", timeout=1)
        assert (result["stdout"], result["stderr"], result["exit_code"]) == ("", "Execution timeout exceeded", -1), result
        assert result["execution_time"] >= 1, result
        ended = _ended(server, _begin(server, "import time; time.sleep(60)", timeout=1)["execution_id"])
        assert ended["status"] == "completed" and ended["result"]["exit_code"] == -1, ended


def any_other_word_for_it_is_refused():
    with Server({"nadoo_timeouts": "both"}, keys=0, start=False) as server:
        server.launch()
        assert server.process.wait(10) != 0 and "nadoo_timeouts must be documented or source" in server.log()
