# SPDX-License-Identifier: Apache-2.0
"""
Whatever is asked, an answer has just the fields that its format knows: no other format's, and none is missing. Requests
are made at random; SANDGLASS_SEED repeats those of an earlier run, whose seed was printed.
"""

import gzip
import json
import os
import random

from lib.scenario import cases
from lib.server import Server
from lib.websocket import WebSocket
from shapes import ANSWERS, ERRORS, MESSAGE, MOUNTS, faults, native_words, routes

SEED = int(os.environ.get("SANDGLASS_SEED") or random.SystemRandom().getrandbits(32))
REQUESTS = 60
# a request whose limit was taken out may be one that never ends
SETTINGS = {"wall_time_ms_default": 3000, "wall_time_ms_max": 5000, "cpu_time_ms_default": 3000, "cpu_time_ms_max": 5000}
FORMATS = tuple(ERRORS)

# --- programs, by how they end ---

PROGRAMS = (
    ("python", "print('ok')"), ("python", "import sys; print('no', file=sys.stderr); sys.exit(3)"), ("python", "1 / 0"), ("python", "print("),
    ("python", "import os; os.kill(os.getpid(), 11)"), ("python", "import time; print('late', flush=True); time.sleep(60)"),
    ("python", "while True: pass"), ("python", "x = bytearray(1 << 31)"), ("python", "while True: print('x' * 100000)"),
    ("python", "import sys\nwhile True: sys.stderr.write('x' * 100000)"), ("python", "import sys; sys.stdout.buffer.write(bytes(range(256)))"),
    ("python", "open('artifacts/a.txt', 'w').write('x')"), ("python", "import os; os.system('ls')"), ("python", ""), ("python", "def execute(x): return x"),
    ("python", "def execute(x): return {1, 2}"), ("python", "def execute(x): raise ValueError(x)"), ("javascript", "console.log('ok')"),
    ("javascript", "process.exit(4)"), ("javascript", "const execute = (x) => [x, 1]"), ("typescript", "const n: number = 1; console.log(n)"),
    ("typescript", "let x: number = ;"), ("c", "int main(void) { return 5; }"), ("c", "int main(void) {"), ("c", "int main(void) { return *(volatile int *)0; }"),
    ("ruby", "puts 1"), ("php", "<?php echo 1;"), ("cobol", "x"), ("klingon", "x"))


def _seconds(rng):
    return rng.choice((1, 1, 1, 0, -1, "1", 1e9, None))


def _riza(rng, language, code):
    return {"language": rng.choice((language, language.upper())), "code": code, "limits": {"execution_timeout": 1}, "input": [1]}


def _tool(rng, language, code):
    return {"name": "n", "language": language, "code": code, "description": "d", "input_schema": rng.choice(({}, {"type": "array"}))}


def _runtime(rng, _language, _code):
    language, name, contents = rng.choice((("python", "requirements.txt", ""), ("python", "requirements.txt", "x\n"), ("javascript", "package.json", "{}"),
                                           ("javascript", "package.json", "{"), ("python", "package.json", "")))
    return {"name": "n", "language": language, "manifest_file": {"name": name, "contents": contents}, "additional_python_imports": "import x"}


def _v2(rng, language, code):
    return {"language": language, "code": code, "run_timeout": 500, "compile_timeout": rng.choice((5000, 1))}


def _v1(_rng, language, code):
    return {"runtime": language, "files": {"main": code}, "entrypoint": "main", "timeout": 500}


def _relaxai(rng, _language, code):
    return {"lang": "python", "code": code, "timeout": _seconds(rng) or 1}


def _piston(_rng, language, code):
    return {"language": language, "version": "*", "files": [{"content": code}], "run_timeout": 500}


def _nadoo(_rng, language, code):
    return {"language": language, "code": code, "timeout": 1, "session_id": "s"}


def _batch(rng, language, code):
    return [_nadoo(rng, language, code), _nadoo(rng, "python", "")]


# What is sent to the addresses that take a body.
BODIES = {
    ("RIZA", "POST /v1/execute"): _riza, ("RIZA", "POST /v1/execute-function"): _riza, ("RIZA", "POST /v1/tools"): _tool, ("RIZA", "POST /v1/tools/{}"): _tool,
    ("RIZA", "POST /v1/tools/{}/execute"): lambda rng, *_: {"input": rng.choice((1, [], None, "x"))},
    ("RIZA", "POST /v1/secrets"): lambda *_: {"name": "n", "value": "v"}, ("RIZA", "POST /v1/runtimes"): _runtime,
    ("RIZA", "POST /v1/runtimes/{}/revisions"): _runtime, ("RUNTOOLS2", "POST /v1/execute"): _v2, ("RUNTOOLS1", "POST /v1/execute"): _v1,
    ("RELAXAI", "POST /v1/tools/code"): _relaxai, ("PISTON", "POST /api/v2/execute"): _piston, ("PISTON", "POST /api/v2/piston/execute"): _piston,
    ("PISTON", "POST /api/v2/packages"): lambda *_: {"language": "python", "version": "9"}, ("PISTON", "DELETE /api/v2/packages"): lambda *_: {"language": "x"},
    ("NADOO", "POST /api/v1/execute"): _nadoo, ("NADOO", "POST /api/v1/execute/async"): _nadoo, ("NADOO", "POST /api/v1/execute/batch"): _batch,
    ("NADOO", "POST /api/v1/providers/{}/warmup"): lambda rng, *_: {"runtime": rng.choice(("python:3.11", "x:1")), "count": 1},
}
# Fields of any format, in requests and answers, for those that they do not belong to.
FOREIGN = ("language", "runtime", "lang", "code", "files", "stdin", "args", "env", "environment", "timeout", "run_timeout", "limits", "http", "version", "engine",
           "session_id", "entrypoint", "libraries", "flags", "output_files", "artifacts", "input", "secret_id", "exit_code", "run", "detail", "error", "id")
VALUES = (None, True, 0, -1, 1.5, 1e300, "", "x", "python", [], ["x"], {}, {"a": 1}, [{"name": "a", "content": ""}], [{"path": "a", "contents": ""}], "\0", "\ud83d\ude00")


# --- asking ---

def _key_headers(name, key):
    return (("X-API-Key", key),) if name == "NADOO" else (("Authorization", f"Bearer {key}"),)


def _check(reply, name, route, said):
    """An answer that came with success is the address's, any other the format's error."""
    shape = ANSWERS[name, route] if reply.status == 200 else ERRORS[name]
    found = faults(reply.json, shape)
    assert not found and reply.header("Content-Type") == "application/json", f"{name} {route} {said}: {reply}: {'; '.join(found)} (seed {SEED})"


class Asker:
    """Asks one format's addresses of a server, with ids of what is there."""

    def __init__(self, server, name, rng):
        self.server, self.name, self.rng = server, name, rng
        self.ids = {}

    def send(self, route, body=None, headers=None, more=(), behind=""):
        """headers: instead of the key's; more: besides; behind: of the address."""
        method, path = route.split(" ")
        for place in self.ids_of(path):
            path = path.replace("{}", place, 1)
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        headers = _key_headers(self.name, self.server.key) if headers is None else headers
        return self.server.request(method, MOUNTS[self.name] + path + behind, data, headers=(*headers, *more))

    def ids_of(self, path):
        words = path.split("/")
        before = [words[i - 1] for i, word in enumerate(words) if word == "{}"]
        return [self.ids.get(word, {"providers": "local_docker", "language": "python"}.get(word, "none")) for word in before]

    def learn(self, route, answer):
        """What was made can be asked for from now on."""
        kept = {"POST /v1/tools": "tools", "POST /v1/runtimes": "runtimes", "POST /v1/runtimes/{}/revisions": "revisions",
                "POST /v1/execute": "executions", "POST /api/v1/execute/async": "status"}
        if route in kept and isinstance(answer, dict):
            self.ids[kept[route]] = answer.get("id") or answer.get("execution_id") or "none"

    def body(self, route):
        make = BODIES.get((self.name, route))
        return make and _spoiled(self.rng, make(self.rng, *self.rng.choice(PROGRAMS)))


def _spoiled(rng, body):
    """Mostly as it is; else with a field too many, too few or wrong, or no JSON at all."""
    target = rng.choice(body) if isinstance(body, list) else body
    what = rng.random()
    if what < 0.25:
        target.update((rng.choice(FOREIGN), rng.choice(VALUES)) for _ in range(rng.randint(1, 4)))
    elif what < 0.35:
        target.pop(rng.choice(list(target)))
    elif what < 0.45:
        target[rng.choice(list(target))] = rng.choice(VALUES)
    text = json.dumps(body).encode()
    if what > 0.95:
        return text[:rng.randint(0, len(text))]
    return rng.choice((b"[]", b"null", b"1", b'"x"', b"{}", b"")) if what > 0.92 else text


def _generation(name, body):
    """Under RunTools' mount the body tells the generation, whoever it was made for."""
    if not name.startswith("RUNTOOLS") or not body:
        return name
    try:
        value = json.loads(body)
    except ValueError:
        return name
    first = isinstance(value, dict) and "runtime" in value and "language" not in value
    return "RUNTOOLS1" if first else "RUNTOOLS2"


def every_address_of_every_format_is_in_the_table(server):
    assert set(routes()) == set(ANSWERS), set(routes()) ^ set(ANSWERS)
    assert {key for key in ANSWERS if key[1].startswith("POST")} <= set(BODIES), "a POST without a body"
    print(f"shapes: seed {SEED}", flush=True)


@cases(*FORMATS)
def an_answer_has_the_fields_of_its_format_and_no_others(server, name):
    rng = random.Random(f"{SEED} {name}")
    asker = Asker(server, name, rng)
    mine = [route for (whose, route) in ANSWERS if whose == name and ANSWERS[whose, route]]
    made = [route for route in mine if (name, route) in BODIES]
    seen = set()
    for number in range(REQUESTS):
        route = rng.choice(made if number % 3 else mine)
        body = asker.body(route)
        reply = asker.send(route, body)
        _check(reply, _generation(name, body), route, body)
        seen.add(reply.status)
        if reply.status == 200:
            asker.learn(route, reply.json)
        assert reply.status not in (409, 503) and (reply.status < 500 or name in ("NADOO", "PISTON")), f"{route} {body}: {reply} (seed {SEED})"
    assert 200 in seen and 400 in seen, f"{seen} (seed {SEED})"


@cases(*FORMATS)
def a_refusal_has_the_fields_of_its_format(server, name):
    """Whatever is refused before anything is decoded: methods, addresses, keys, media types, sizes."""
    asker = Asker(server, name, random.Random(0))
    mine = [route for (whose, route) in ANSWERS if whose == name]
    for route in mine:
        path = route.split(" ")[1]
        for other in ("GET", "POST", "PUT", "DELETE", "PATCH"):
            if f"{other} {path}" not in mine and not (other == "GET" and "/{}" in path):
                _check(asker.send(f"{other} {path}", None if other == "GET" else b"{}"), name, route, other)
        _check(asker.send(f"GET {path.rstrip('/')}/nothing/at/all"), name, route, "no such address")
        if routes()[name, route] != "OPEN":
            body = None if route.startswith("GET") else b"{}"
            for headers in ((), _key_headers(name, "sg_wrong")):
                reply = asker.send(route, body, headers)
                assert reply.status in (401, 403), reply
                _check(reply, name, route, headers)
    route = next(route for route in mine if "execute" in route or "code" in route)
    for size, more in ((1 << 26, ()), (2, (("Content-Type", "application/x-www-form-urlencoded"),))):
        path = MOUNTS[name] + route.split(" ")[1]
        headers = (*_key_headers(name, server.key), *more, ("Content-Length", str(size)))
        with server.connect() as connection:
            lines = [f"POST {path} HTTP/1.1", "Host: x", *(f"{key}: {value}" for key, value in headers)]
            connection.send("\r\n".join(lines).encode() + b"\r\n\r\n" + (b"{}" if size == 2 else b""))
            reply = connection.receive()
        assert reply.status >= 400, reply
        _check(reply, name, route, headers)


def above_the_rate_each_format_says_so_in_its_own_words():
    with Server({"rate_per_minute": 1}) as server:
        asker = Asker(server, "RIZA", random.Random(0))
        asker.send("GET /v1/tools")
        for (name, route), who in routes().items():
            if who != "RATED":
                continue
            reply = Asker(server, name, random.Random(0)).send(route, None if route.startswith("GET") else b"{}")
            assert reply.status == 429 and int(reply.header("Retry-After")) > 0 and reply.header("X-RateLimit-Remaining") == "0", (name, route, reply)
            _check(reply, name, route, "rate")


# --- what holds for every address ---

def _program(code):
    return {"language": "python", "code": code}


def _piston_program(code):
    return {"language": "python", "version": "*", "files": [{"content": code}]}


# What runs something, and how each is told what.
EXECUTING = {
    ("RIZA", "POST /v1/execute"): _program, ("RIZA", "POST /v1/execute-function"): lambda code: _program(f"def execute(x):\n    {code}"),
    ("RIZA", "POST /v1/tools/{}/execute"): lambda code: {"input": code}, ("RUNTOOLS2", "POST /v1/execute"): _program,
    ("RUNTOOLS1", "POST /v1/execute"): lambda code: {"runtime": "python", "code": code}, ("RELAXAI", "POST /v1/tools/code"): lambda code: {"lang": "python", "code": code},
    ("PISTON", "POST /api/v2/execute"): _piston_program, ("PISTON", "POST /api/v2/piston/execute"): _piston_program,
    ("NADOO", "POST /api/v1/execute"): _program, ("NADOO", "POST /api/v1/execute/async"): _program, ("NADOO", "POST /api/v1/execute/batch"): lambda code: [_program(code)],
}


def _asker(server, name):
    """With a tool that runs what it is given."""
    asker = Asker(server, name, random.Random(0))
    if name == "RIZA":
        tool = {"name": "t", "language": "python", "code": "def execute(x): exec(x)"}
        asker.learn("POST /v1/tools", asker.send("POST /v1/tools", tool).json)
    return asker


@cases(*((name, route) for name, route in EXECUTING))
def whatever_runs_is_run_once_under_one_name(server, name, route):
    asker, body = _asker(server, name), EXECUTING[name, route]("import time; print(time.time_ns())")
    named = (("Idempotency-Key", f"{SEED} {name} {route}"),)
    first, second, other = asker.send(route, body, more=named), asker.send(route, body, more=named), asker.send(route, body)
    assert first.status == other.status == 200 and first.body == second.body != other.body, (first, second, other)
    assert second.header("Idempotency-Replayed") == "true"
    wrong = asker.send(route, EXECUTING[name, route]("print(2)"), more=named)
    assert wrong.status == 422, wrong
    _check(wrong, name, route, "another request of the same name")


@cases(*((name, route) for name, route in EXECUTING if not route.endswith("async")))
def what_is_large_comes_compressed(server, name, route):
    asker, body = _asker(server, name), EXECUTING[name, route]("print('x' * 5000)")
    plain = asker.send(route, body, more=(("Accept-Encoding", "identity"),))
    assert plain.header("Content-Encoding") is None and b"x" * 5000 in plain.body, plain
    for coding, magic in (("gzip", b"\x1f\x8b"), ("zstd", b"\x28\xb5\x2f\xfd")):
        reply = asker.send(route, body, more=(("Accept-Encoding", coding),))
        assert reply.header("Content-Encoding") == coding and reply.body.startswith(magic) and len(reply.body) < 1000, reply
        if coding == "gzip":
            reply.body = gzip.decompress(reply.body)
            _check(reply, name, route, coding)


@cases(*((name, route) for name, route in EXECUTING))
def what_comes_compressed_is_refused_as_that(server, name, route):
    body = gzip.compress(json.dumps(EXECUTING[name, route]("print(1)")).encode())
    reply = _asker(server, name).send(route, body, more=(("Content-Encoding", "gzip"),))
    assert reply.status == 415 and "Content-Encoding" in reply.body.decode(), reply
    _check(reply, name, route, "compressed")
    assert _asker(server, name).send(route, EXECUTING[name, route]("print(1)"), more=(("Content-Encoding", "identity"),)).status == 200


@cases(*FORMATS)
def a_slash_at_the_end_changes_nothing(server, name):
    asker = _asker(server, name)
    for whose, route in ANSWERS:
        if whose != name:
            continue
        body = EXECUTING.get((name, route), lambda _: {})("print(1)") if route.startswith("POST") else None
        first, second = asker.send(route, body), asker.send(route, body, behind="" if route.endswith("/") else "/")
        assert first.status == second.status, (route, first, second)
        if first.status != 426:
            _check(second, name, route, "with a slash")


def each_answer_says_how_much_is_left():
    with Server({"rate_per_minute": 1000}) as server:
        for (name, route), who in routes().items():
            reply = Asker(server, name, random.Random(0)).send(route, None if route.startswith("GET") else b"{}")
            said = [reply.header("X-RateLimit-" + word) for word in ("Limit", "Remaining", "Reset")]
            if who == "RATED":
                assert said[0] == "1000" and 0 <= int(said[1]) < 1000 and int(said[2]) > 0, (name, route, said)
            else:
                assert said == [None] * 3, (name, route, said)


def pages_of_allowed_origins_may_use_every_address():
    origin = "https://app.example.com"
    with Server({"cors_origins": origin}) as server:
        for name, route in routes():
            method, asker = route.split(" ")[0], Asker(server, name, random.Random(0))
            for page, allowed in ((origin, origin), ("https://evil.example.com", None)):
                reply = asker.send(route, None if method == "GET" else b"{}", more=(("Origin", page),))
                assert reply.header("Access-Control-Allow-Origin") == allowed, (name, route, reply.headers)
            asked = (("Origin", origin), ("Access-Control-Request-Method", method), ("Access-Control-Request-Headers", "x-api-key, authorization"))
            reply = asker.send("OPTIONS " + route.split(" ")[1], headers=asked)
            assert reply.status == 204 and reply.header("Access-Control-Allow-Origin") == origin, (name, route, reply)
            assert method in reply.header("Access-Control-Allow-Methods"), (name, route, reply.headers)


# Every field that need not be there: null is as if it was not.
OPTIONAL = {
    ("RIZA", "POST /v1/execute"): ("args", "env", "files", "http", "limits", "runtime_revision_id", "stdin", "allow_http_hosts"),
    ("RIZA", "POST /v1/execute-function"): ("env", "files", "http", "input", "limits", "runtime_revision_id"),
    ("RIZA", "POST /v1/tools/{}/execute"): ("env", "http", "revision_id"),
    ("RUNTOOLS2", "POST /v1/execute"): ("files", "stdin", "session_id", "version", "run_timeout", "compile_timeout"),
    ("RUNTOOLS1", "POST /v1/execute"): ("files", "entrypoint", "stdin", "timeout", "env"),
    ("RELAXAI", "POST /v1/tools/code"): ("timeout", "libraries"),
    ("PISTON", "POST /api/v2/execute"): ("stdin", "args", "run_timeout", "compile_timeout", "run_memory_limit", "compile_memory_limit"),
    ("NADOO", "POST /api/v1/execute"): ("stdin", "environment", "session_id", "provider"),
}


@cases(*((name, route) for name, route in OPTIONAL))
def null_is_as_if_it_was_not_sent(server, name, route):
    asker, body = _asker(server, name), EXECUTING[name, route]("print(1)")
    for field in OPTIONAL[name, route]:
        reply = asker.send(route, {**body, field: None})
        assert reply.status == 200 and "1\\n" in reply.body.decode(), (field, reply)
        _check(reply, name, route, field)


@cases(*((program,) for program in PROGRAMS))
def a_message_of_the_websocket_is_one_of_theirs(server, program):
    with WebSocket(server, "/piston/api/v2/connect") as socket:
        socket.send({"type": "init", "language": program[0], "version": "*", "files": [{"content": program[1]}], "run_timeout": 500})
        messages, closed = socket.until_closed()
    assert messages and closed in ((4999, "Job Completed"), (4002, "Notified Error")), (messages[-3:], closed)
    for message in messages:
        assert not faults(message, MESSAGE), (message, faults(message, MESSAGE))


def a_native_answer_has_only_words_of_its_manual(server):
    words = native_words()
    for language, code in PROGRAMS:
        for body in ({"language": language, "code": code, "limits": {"wall_time_ms": 500}}, {"language": language, "code": code, "artifacts": True, "limits": {"wall_time_ms": 500}},
                     {"language": language}, {"code": code}, {"language": language, "code": code, "version": "9"}):
            reply = server.post("/native/v1/execute", body)
            assert _keys(reply.json) <= words, (body, _keys(reply.json) - words)


def _keys(value):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return (set(value) if isinstance(value, dict) else set()).union(*map(_keys, inner))
