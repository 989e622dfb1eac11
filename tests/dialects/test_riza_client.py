# SPDX-License-Identifier: Apache-2.0
"""
Riza's own client, rizaio of the Python package index, pointed at the server by its base URL alone. Its JavaScript
twin is no longer in npm's registry: its requests are written out below as it sent them.
"""

import asyncio
import json
import sys

from lib import paths
from lib.client import encode_request
from lib.scenario import Skip, cases
from lib.server import Server

SETTINGS = {"rate_per_minute": 0}


def _riza():
    """The package, from where tests/dialects/clients/setup puts it."""
    directory = str(paths.CLIENTS / "python")
    if directory not in sys.path:
        sys.path.insert(0, directory)
    try:
        import rizaio  # pylint: disable=import-outside-toplevel
    except ImportError as e:
        raise Skip(f"no client in {directory}: tests/dialects/clients/setup installs it ({e})") from None
    return rizaio


def _client(server, mount="", **more):
    return _riza().Riza(api_key=server.key, base_url=f"http://127.0.0.1:{server.listening_port()}{mount}", **more)


def _checked(answer):
    """The answer, when it is of the types that the client's own models say."""
    type(answer).model_validate_json(json.dumps(answer.to_dict(mode="json")), strict=True)
    return answer


# --- the examples of their documents ---

@cases("", "/riza")
def the_first_example_prints_hello_world(server, mount):
    resp = _client(server, mount).command.exec(
        language="python",
        code="print('Hello, world!')",
    )
    assert _checked(resp).stdout == "Hello, world!\n" and resp.exit_code == 0 and resp.id, resp


def stdin_is_read(server):
    answer = _client(server).command.exec(language="python", code="import sys\nprint(sys.stdin.read()[::-1], end='')", stdin="Hello")
    assert _checked(answer).stdout == "olleH", answer


def the_asynchronous_client_runs_side_by_side(server):
    async def main():
        client = _riza().AsyncRiza(api_key=server.key, base_url=f"http://127.0.0.1:{server.listening_port()}")
        return await asyncio.gather(*(client.command.exec(language="python", code=f"print({i})") for i in range(8)))

    assert [a.stdout for a in asyncio.run(main())] == [f"{i}\n" for i in range(8)]


# --- commands ---

def all_fields_of_exec_arrive(server):
    answer = _client(server).command.exec(
        language="javascript", args=["a"], env={"E": "e"}, files=[{"path": "f.txt", "contents": "f"}], http={"allow": []},
        limits={"execution_timeout": 5, "memory_size": 512},
        code="console.log(process.argv[2], process.env.E, require('fs').readFileSync('/mnt/req/f.txt', 'utf8'))")
    assert _checked(answer).stdout == "a e f\n", answer


@cases(("python", "def execute(input): return {'n': input['n'] + 1}"), ("javascript", "const execute = (input) => ({n: input.n + 1});"),
       ("typescript", "function execute(input: {n: number}) { return {n: input.n + 1}; }"))
def exec_func_hands_the_value_back(server, language, code):
    answer = _client(server).command.exec_func(language=language, code=code, input={"n": 41})
    assert _checked(answer).output == {"n": 42} and answer.output_status == "valid", answer


# --- what is kept ---

def tools_are_made_listed_changed_and_run(server):
    client = _client(server)
    tool = _checked(client.tools.create(name="double", language="python", code="def execute(input): return input * 2",
                                        description="Doubles.", input_schema={"type": "integer"}))
    assert client.tools.get(tool.id) == tool and tool.id in [t.id for t in client.tools.list()]
    assert _checked(client.tools.exec(tool.id, input=21)).output == 42
    changed = client.tools.update(tool.id, code="def execute(input): return input * 3")
    assert client.tools.exec(tool.id, input=2).output == 6
    assert client.tools.exec(tool.id, input=2, revision_id=tool.revision_id).output == 4 and changed.revision_id != tool.revision_id
    try:
        client.tools.exec(tool.id, input="x")
        raise AssertionError("it took a string for an integer")
    except _riza().BadRequestError as e:
        assert "input" in e.body["message"], e.body


def secrets_are_used_and_never_shown(server):
    client = _client(server)
    secret = _checked(client.secrets.create(name="s", value="hidden"))
    assert "hidden" not in repr(list(client.secrets.list())) and secret.id in [s.id for s in client.secrets.list()]
    tool = client.tools.create(name="t", language="python", code="import os\ndef execute(i): return os.environ['S'].upper()")
    assert client.tools.exec(tool.id, env=[{"name": "S", "secret_id": secret.id}]).output == "HIDDEN"


def runtimes_and_revisions_are_made_listed_and_deleted(server):
    client = _client(server)
    runtime = _checked(client.runtimes.create(name="r", language="python", manifest_file={"name": "requirements.txt", "contents": "x"}))
    assert runtime.status == "failed" and runtime.id in [r.id for r in client.runtimes.list()]
    revision = _checked(client.runtimes.revisions.create(runtime.id, manifest_file={"name": "requirements.txt", "contents": ""}))
    assert client.runtimes.get(runtime.id).revision_id == revision.id and revision.status == "succeeded"
    assert [r.id for r in client.runtimes.revisions.list(runtime.id).revisions].count(revision.id) == 1
    assert client.runtimes.revisions.get(revision.id, runtime_id=runtime.id) == revision
    assert client.runtimes.delete(runtime.id).deleted is True
    try:
        client.runtimes.get(runtime.id)
        raise AssertionError("it is still there")
    except _riza().NotFoundError as e:
        assert e.body["code"] == 5, e.body


def executions_are_paged_to_their_end():
    with Server(SETTINGS) as server:
        client = _client(server)
        ids = [client.command.exec(language="python", code=f"raise SystemExit({i % 2})").id for i in range(7)]
        found = list(client.executions.list(limit=3))
        assert [e.id for e in found] == sorted(ids, reverse=True), found
        assert sorted(e.id for e in client.executions.list(limit=2, only_non_zero_exit_codes=True)) == sorted(ids[1::2])
        whole = _checked(client.executions.get(ids[0]))
        assert whole.details.type == "script" and whole.details.response.id == ids[0] and whole.started_at.tzinfo, whole


# --- errors ---

def errors_are_of_the_clients_own_kinds(server):
    riza, client = _riza(), _client(server, max_retries=0)
    for wrong, kind, number in ((lambda: client.command.exec(language="cobol", code=""), riza.BadRequestError, 3),
                                (lambda: client.tools.get("none"), riza.NotFoundError, 5),
                                (lambda: client.with_options(api_key="x").secrets.list(), riza.AuthenticationError, 16)):
        try:
            wrong()
            raise AssertionError(f"no {kind.__name__}")
        except kind as e:
            assert e.body["code"] == number and e.body["message"], e.body


def a_failing_program_is_no_error_and_is_not_tried_again():
    with Server(SETTINGS) as server:
        client = _client(server)
        answer = client.command.exec(language="python", code="import sys; print('no', file=sys.stderr); sys.exit(1)")
        assert (answer.exit_code, answer.stderr) == (1, "no\n"), answer
        assert server.metrics()["sandglass_jobs_finished_total"] == 1


def a_rate_limit_is_waited_for():
    with Server({"rate_per_minute": 1}) as server:
        riza, client = _riza(), _client(server, max_retries=0)
        client.command.exec(language="python", code="")
        try:
            client.command.exec(language="python", code="")
            raise AssertionError("the limit is 1")
        except riza.RateLimitError as e:
            assert e.body["code"] == 8 and int(e.response.headers["retry-after"]) > 0, e.response.headers


# --- the JavaScript client, as it wrote its requests ---

NODE = (("Accept", "application/json"), ("Content-Type", "application/json"), ("User-Agent", "Riza/JS 0.11.0"), ("X-Stainless-Lang", "js"),
        ("X-Stainless-Package-Version", "0.11.0"), ("X-Stainless-OS", "Linux"), ("X-Stainless-Arch", "x64"), ("X-Stainless-Runtime", "node"),
        ("X-Stainless-Runtime-Version", "v22.14.0"), ("X-Stainless-Retry-Count", "0"), ("X-Stainless-Timeout", "60"))


def _node(server, method, path, body=None):
    """Its requests have a media type whether or not they have a body."""
    headers = (*server.auth(), *NODE)
    if body is not None:
        headers += (("Content-Length", str(len(body))),)
    with server.connect() as connection:
        connection.send(encode_request(method, path, None, headers) + (body or b""))
        reply = connection.receive()
    assert reply.status == 200, reply
    return reply.json


def the_javascript_client_is_answered(server):
    example = b'{"language":"python","code":"print(\'Hello, world!\')"}'
    assert _node(server, "POST", "/v1/execute", example)["stdout"] == "Hello, world!\n"
    tool = _node(server, "POST", "/v1/tools", b'{"name":"t","language":"javascript","code":"export const execute = () => 5;"}')
    assert _node(server, "GET", f"/v1/tools/{tool['id']}") == tool
    assert _node(server, "POST", f"/v1/tools/{tool['id']}/execute", b"")["output"] == 5
    assert set(_node(server, "GET", "/v1/runtimes")) == {"runtimes"}
    assert _node(server, "GET", "/riza/v1/executions?limit=1&starting_after=exe_0") == {"data": []}
