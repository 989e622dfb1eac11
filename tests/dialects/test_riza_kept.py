# SPDX-License-Identifier: Apache-2.0
"""What callers of Riza's API keep: tools, secrets, runtimes, executions; whose they are, and that they stay."""

import json
import os
import sqlite3

from lib.scenario import cases, needs_root
from lib.server import Server

ADD = {"name": "add", "language": "python", "description": "Adds.",
       "code": "def execute(input):\n    return input['a'] + input['b']",
       "input_schema": {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "number"}}, "required": ["a", "b"]}}
MOUNT = "/riza/v1"


def _good(reply):
    assert reply.status == 200, reply
    return reply.json


def _post(server, path, body, **more):
    return _good(server.post(MOUNT + path, body, **more))


def _get(server, path, **more):
    return _good(server.get(MOUNT + path, **more))


def _refused(reply, status, *words):
    assert reply.status == status and set(reply.json) == {"code", "message"}, reply
    assert all(word in reply.json["message"] for word in words), reply


def _pages(server, path, name, limit, **more):
    """All that is listed, asked for as their clients do: until a page is empty."""
    found, after = [], ""
    for _ in range(100):
        page = _get(server, f"{path}?limit={limit}{after}", **more)[name]
        if not page:
            return found
        assert len(page) <= limit, page
        found += page
        after = f"&starting_after={page[-1]['id']}"
    raise AssertionError("the pages do not end")


# --- tools ---

def a_tool_is_kept_and_shown_as_it_was_made(server):
    tool = _post(server, "/tools", ADD)
    assert set(tool) == {"id", "code", "description", "input_schema", "language", "name", "revision_id"}, tool
    assert {name: tool[name] for name in ADD} == ADD and tool["id"] != tool["revision_id"], tool
    assert _get(server, f"/tools/{tool['id']}") == tool
    assert tool in _get(server, "/tools")["tools"]


def a_tool_is_called_with_its_input(server):
    tool = _post(server, "/tools", ADD)
    result = _post(server, f"/tools/{tool['id']}/execute", {"input": {"a": 40, "b": 2}})
    assert (result["output"], result["output_status"], result["execution"]["exit_code"]) == (42, "valid", 0), result


def a_tool_without_a_body_is_called_with_null(server):
    tool = _post(server, "/tools", {"name": "n", "language": "JavaScript", "code": "const execute = (input) => [input];"})
    assert (tool["description"], tool["input_schema"], tool["language"]) == ("", {}, "javascript"), tool
    reply = server.request("POST", f"{MOUNT}/tools/{tool['id']}/execute", b"")
    assert _good(reply)["output"] == [None], reply


def an_update_changes_what_it_names_and_makes_a_revision(server):
    tool = _post(server, "/tools", ADD)
    code = "def execute(input):\n    return 'new'"
    changed = _post(server, f"/tools/{tool['id']}", {"code": code})
    assert changed == {**tool, "code": code, "revision_id": changed["revision_id"]}, changed
    assert changed["revision_id"] != tool["revision_id"] and _get(server, f"/tools/{tool['id']}") == changed
    body = {"input": {"a": 1, "b": 2}}
    assert _post(server, f"/tools/{tool['id']}/execute", body)["output"] == "new"
    for revision, output in ((tool["revision_id"], 3), (changed["revision_id"], "new")):
        assert _post(server, f"/tools/{tool['id']}/execute", {**body, "revision_id": revision})["output"] == output
    _refused(server.post(f"{MOUNT}/tools/{tool['id']}/execute", {"revision_id": "trev_none"}), 404, "revision")


def a_revision_is_of_its_tool_only(server):
    one, other = _post(server, "/tools", ADD), _post(server, "/tools", ADD)
    _refused(server.post(f"{MOUNT}/tools/{one['id']}/execute", {"revision_id": other["revision_id"], "input": {"a": 1, "b": 1}}), 404)


@cases({"a": 1}, {"a": 1.5, "b": 1}, {"a": "1", "b": 1}, None, [])
def input_that_its_schema_does_not_allow_is_refused(server, value):
    tool = _post(server, "/tools", ADD)
    _refused(server.post(f"{MOUNT}/tools/{tool['id']}/execute", {"input": value}), 400, "input")


@cases({"pattern": "^a"}, {"$ref": "#/$defs/x"}, {"properties": {"a": {"oneOf": []}}}, {"type": "text"}, [], "x")
def a_schema_that_cannot_be_checked_is_refused(server, schema):
    _refused(server.post(f"{MOUNT}/tools", {**ADD, "input_schema": schema}), 400, "input_schema")


@cases("name", "code", "language")
def a_tool_needs(server, field):
    _refused(server.post(f"{MOUNT}/tools", {k: v for k, v in ADD.items() if k != field}), 400, field)


@cases({"language": "php"}, {"name": 5}, {"name": ""}, {"code": ["x"]}, {"description": {}})
def a_tool_is_checked(server, fields):
    _refused(server.post(f"{MOUNT}/tools", {**ADD, **fields}), 400, *fields)


@cases("tool_01m7wzabxed5dreh89qxpcvjsq", "x", "a" * 500, "%00", "..")
def a_tool_that_is_not_there_is_not_found(server, tool):
    _refused(server.get(f"{MOUNT}/tools/{tool}"), 404)
    _refused(server.post(f"{MOUNT}/tools/{tool}", {}), 404)
    _refused(server.post(f"{MOUNT}/tools/{tool}/execute", {}), 404)


def tools_are_at_their_own_address_too(server):
    tool = _good(server.post("/v1/tools", ADD))
    assert _good(server.get(f"/v1/tools/{tool['id']}")) == tool


def a_network_for_a_tool_is_refused(server):
    tool = _post(server, "/tools", ADD)
    _refused(server.post(f"{MOUNT}/tools/{tool['id']}/execute", {"http": {"allow": [{"host": "a"}]}}), 400, "http.allow")


# --- secrets ---

def a_secret_reaches_the_program_and_no_answer(server):
    secret = _post(server, "/secrets", {"name": "token", "value": "s3cr3t-value"})
    assert set(secret) == {"id", "name"} and secret["name"] == "token", secret
    assert secret in _get(server, "/secrets")["secrets"]
    tool = _post(server, "/tools", {"name": "t", "language": "python", "code":
                 "import os\ndef execute(input):\n    return [os.environ['TOKEN'][::-1], os.environ['PLAIN']]"})
    env = [{"name": "TOKEN", "secret_id": secret["id"]}, {"name": "PLAIN", "value": "p"}]
    result = _post(server, f"/tools/{tool['id']}/execute", {"env": env})
    assert result["output"] == ["eulav-t3rc3s", "p"], result
    shown = json.dumps([_get(server, f"/executions/{result['execution']['id']}"), _get(server, "/secrets"), secret])
    assert "s3cr3t-value" not in shown, shown


def a_secret_that_is_not_there_is_refused_by_name(server):
    tool = _post(server, "/tools", ADD)
    body = {"input": {"a": 1, "b": 1}, "env": [{"name": "A", "value": ""}, {"name": "B", "secret_id": "sec_none"}]}
    _refused(server.post(f"{MOUNT}/tools/{tool['id']}/execute", body), 400, "env[1].secret_id")


@needs_root
def a_secret_is_sealed_on_disk(server):
    _post(server, "/secrets", {"name": "n", "value": "needle-in-a-haystack"})
    directory = os.path.join(server.settings["state_dir"], "db")
    for place, _, names in os.walk(directory):
        for name in names:
            with open(os.path.join(place, name), "rb") as file:
                assert b"needle-in-a-haystack" not in file.read(), name
    key = os.stat(os.path.join(directory, "documents.key"))
    assert (key.st_mode & 0o7777, key.st_size, key.st_uid) == (0o600, 32, server.uid_base), oct(key.st_mode)


@needs_root
def a_secret_moved_to_another_owner_cannot_be_read():
    with Server(keys=2) as server:
        secret = _post(server, "/secrets", {"name": "n", "value": "v"})
        tool = _post(server, "/tools", ADD, key=server.keys[1])
        body = {"input": {"a": 1, "b": 1}, "env": [{"name": "A", "secret_id": secret["id"]}]}
        path = f"{MOUNT}/tools/{tool['id']}/execute"
        _refused(server.post(path, body, key=server.keys[1]), 400, "env[0].secret_id")
        with sqlite3.connect(os.path.join(server.settings["state_dir"], "db", "sandglass.db")) as database:
            database.execute("UPDATE documents SET key_id = (SELECT key_id FROM documents WHERE id = ?) WHERE id = ?",
                             (tool["id"], secret["id"]))
        reply = server.post(path, body, key=server.keys[1])
        _refused(reply, 500, "sealed")


@cases({"name": "a"}, {"value": "a"}, {"name": "a", "value": "x\0y"}, {"name": "a", "value": "x" * 200000}, {"name": "a", "value": 1})
def a_secret_is_checked(server, body):
    _refused(server.post(f"{MOUNT}/secrets", body), 400)


# --- runtimes ---

def a_runtime_whose_packages_cannot_be_fetched_has_failed_and_says_why(server):
    manifest = {"name": "requirements.txt", "contents": "requests==2.0\n"}
    runtime = _post(server, "/runtimes", {"name": "r", "language": "python", "manifest_file": manifest, "engine": "microvm"})
    assert (runtime["status"], runtime["engine"], runtime["manifest_file"]) == ("failed", "microvm", manifest), runtime
    assert "index" in runtime["status_message"], runtime
    assert _get(server, f"/runtimes/{runtime['id']}") == runtime and runtime in _get(server, "/runtimes")["runtimes"]
    _refused(server.post(f"{MOUNT}/execute", {"language": "python", "code": "", "runtime_revision_id": runtime["revision_id"]}),
             400, "runtime_revision_id", "failed")
    _refused(server.post("/v1/execute", {"language": "python", "code": "", "runtime_revision_id": "rrev_none"}), 400, "runtime_revision_id")


@cases(("python", "requirements.txt", "# nothing\n\n"), ("javascript", "package.json", '{"name": "x", "dependencies": {}}'))
def a_runtime_that_asks_for_nothing_is_built(server, language, name, contents):
    body = {"name": "r", "language": language, "manifest_file": {"name": name, "contents": contents}}
    runtime = _post(server, "/runtimes", body)
    assert runtime["status"] == "succeeded", runtime
    code = {"python": "print(1)", "javascript": "console.log(1)"}[language]
    body = {"language": language, "code": code, "runtime_revision_id": runtime["revision_id"]}
    assert _post(server, "/execute", body)["stdout"] == "1\n"


def a_runtime_has_revisions_until_it_is_deleted(server):
    first = {"name": "requirements.txt", "contents": "a"}
    runtime = _post(server, "/runtimes", {"name": "r", "language": "python", "manifest_file": first})
    body = {"manifest_file": {"name": "requirements.txt", "contents": "b"}, "additional_python_imports": "import b"}
    revision = _post(server, f"/runtimes/{runtime['id']}/revisions", body)
    assert (revision["runtime_id"], revision["manifest_file"]["contents"], revision["additional_python_imports"]) == (runtime["id"], "b", "import b")
    assert _get(server, f"/runtimes/{runtime['id']}")["revision_id"] == revision["id"] != runtime["revision_id"]
    listed = _get(server, f"/runtimes/{runtime['id']}/revisions")["revisions"]
    assert [r["id"] for r in listed] == sorted([revision["id"], runtime["revision_id"]], reverse=True), listed
    assert _get(server, f"/runtimes/{runtime['id']}/revisions/{revision['id']}") == revision
    _refused(server.get(f"{MOUNT}/runtimes/other/revisions/{revision['id']}"), 404)
    assert _good(server.request("DELETE", f"{MOUNT}/runtimes/{runtime['id']}")) == {"id": runtime["id"], "deleted": True}
    _refused(server.request("DELETE", f"{MOUNT}/runtimes/{runtime['id']}"), 404)
    _refused(server.get(f"{MOUNT}/runtimes/{runtime['id']}/revisions/{revision['id']}"), 404)
    for gone in (runtime["id"], "other"):
        _refused(server.get(f"{MOUNT}/runtimes/{gone}/revisions"), 404)


@cases({"language": "ruby"}, {"engine": "other"}, {"manifest_file": {"name": "package.json", "contents": ""}}, {"manifest_file": None}, {"name": None})
def a_runtime_is_checked(server, fields):
    body = {"name": "r", "language": "python", "manifest_file": {"name": "requirements.txt", "contents": ""}, **fields}
    _refused(server.post(f"{MOUNT}/runtimes", body), 400)


@cases("limit=10", "starting_after=x")
def their_list_of_runtimes_is_told_by_its_query(server, query):
    assert set(_good(server.get(f"/v1/runtimes?{query}"))) == {"runtimes"}
    stainless = server.get("/v1/runtimes", headers=(*server.auth(), ("X-Stainless-Lang", "python")))
    assert set(_good(stainless)) == {"runtimes"}
    assert isinstance(_good(server.get("/v1/runtimes")), list)


# --- executions ---

def every_run_is_an_execution_with_its_details():
    with Server() as server:
        body = {"language": "python", "code": "import sys; print(1); sys.exit(2)", "env": {"A": "b"}}
        script = _post(server, "/execute", body)
        function = _post(server, "/execute-function", {"language": "python", "code": "def execute(i): return i", "input": 7})
        tool = _post(server, "/tools", ADD)
        call = _post(server, f"/tools/{tool['id']}/execute", {"input": {"a": 1, "b": 2}})
        listed = _get(server, "/executions")["data"]
        assert {e["id"] for e in listed} == {script["id"], function["execution"]["id"], call["execution"]["id"]}, listed
        assert all(set(e) == {"id", "duration", "exit_code", "language", "started_at"} for e in listed), listed
        details = {i: _get(server, f"/executions/{i}")["details"] for i in (e["id"] for e in listed)}
        assert details[script["id"]] == {"type": "script", "request": body, "response": script}
        assert details[function["execution"]["id"]]["type"] == "function"
        assert details[call["execution"]["id"]] == {"type": "tool", "tool_id": tool["id"], "request": {"input": {"a": 1, "b": 2}}, "response": call}
        failed = _get(server, "/executions?only_non_zero_exit_codes=true")["data"]
        assert [e["id"] for e in failed] == [script["id"]] and failed[0]["exit_code"] == 2, failed


def pages_end_and_hold_everything_once():
    with Server() as server:
        made = [_post(server, "/secrets", {"name": str(i), "value": "v"})["id"] for i in range(7)]
        found = [s["id"] for s in _pages(server, "/secrets", "secrets", 3)]
        assert found == sorted(made, reverse=True), found
        assert _get(server, "/secrets?starting_after=")["secrets"] and _get(server, "/tools?limit=5") == {"tools": []}


@cases("limit=x", "limit=-1", f"starting_after={'a' * 99}")
def a_page_is_checked(server, query):
    _refused(server.get(f"{MOUNT}/tools?{query}"), 400)


# --- whose, and how long ---

def what_one_key_keeps_does_not_exist_for_another():
    with Server(keys=2) as server:
        mine, other = server.keys
        tool = _post(server, "/tools", ADD, key=mine)
        run = _post(server, "/execute", {"language": "python", "code": ""}, key=mine)
        for path in (f"/tools/{tool['id']}", f"/executions/{run['id']}"):
            assert _get(server, path, key=mine)
            _refused(server.get(MOUNT + path, key=other), 404)
        assert _get(server, "/tools", key=other) == {"tools": []} and _get(server, "/executions", key=other) == {"data": []}
        _refused(server.post(f"{MOUNT}/tools/{tool['id']}", {"name": "x"}, key=other), 404)
        _refused(server.post(f"{MOUNT}/tools/{tool['id']}/execute", {}, key=other), 404)


def documents_survive_a_restart_and_the_stores_death():
    with Server() as server:
        tool = _post(server, "/tools", ADD)
        secret = _post(server, "/secrets", {"name": "n", "value": "kept"})
        server.stop()
        server.start()
        assert _get(server, f"/tools/{tool['id']}") == tool
        server.wait_restarted("store", server.kill("store"))
        echo = _post(server, "/tools", {"name": "t", "language": "python", "code": "import os\ndef execute(i): return os.environ['S']"})
        result = _post(server, f"/tools/{echo['id']}/execute", {"env": [{"name": "S", "secret_id": secret["id"]}]})
        assert result["output"] == "kept", result
