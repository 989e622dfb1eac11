# SPDX-License-Identifier: Apache-2.0
"""Piston v2: its document's example, its texts byte for byte, and what its clients do."""

import base64
import json

from lib.scenario import cases

EXECUTE = "/api/v2/execute"


def _python(code="print(1)", **fields):
    return {"language": "python", "version": "*", "files": [{"content": code}], **fields}


def _run(server, body, path=EXECUTE):
    reply = server.post(path, body)
    assert reply.status == 200, reply
    return reply.json


# --- execute ---

def the_example_of_its_document(server):
    body = {"language": "js", "version": "*",
            "files": [{"name": "my_cool_code.js", "content": "console.log(process.argv.length, ...process.argv.slice(2))"}],
            "stdin": "", "args": ["1", "2", "3"], "compile_timeout": 10000, "run_timeout": 3000, "compile_cpu_time": 10000,
            "run_cpu_time": 3000, "compile_memory_limit": -1, "run_memory_limit": -1}
    result = _run(server, body)
    run = result["run"]
    assert set(result) == {"run", "language", "version"} and result["language"] == "javascript", result
    assert list(run) == ["signal", "stdout", "stderr", "code", "output", "memory", "message", "status", "cpu_time", "wall_time"]
    assert (run["stdout"], run["stderr"], run["output"]) == ("5 1 2 3\n", "", "5 1 2 3\n")
    assert (run["code"], run["signal"], run["message"], run["status"]) == (0, None, None, None)
    assert all(isinstance(run[name], int) for name in ("memory", "cpu_time", "wall_time")), run


@cases("/api/v2/execute", "/api/v2/execute/", "/api/v2/piston/execute", "/piston/api/v2/execute", "/piston/api/v2/piston/execute/")
def every_address_runs(server, path):
    assert _run(server, _python(), path)["run"]["stdout"] == "1\n"


def json_under_another_name_is_read(server):
    body = json.dumps(_python()).encode()
    with server.connect() as connection:
        connection.send(b"POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\nContent-Type: text/plain;charset=UTF-8\r\n"
                        b"Content-Length: %d\r\n\r\n%s" % (EXECUTE.encode(), server.key.encode(), len(body), body))
        assert connection.receive().json["run"]["stdout"] == "1\n"


@cases(({}, "language is required as a string"), ({"language": 5}, "language is required as a string"),
       ({"language": "py"}, "version is required as a string"), ({"language": "py", "version": ""}, "version is required as a string"),
       ({"language": "py", "version": "*"}, "files is required as an array"),
       ({"language": "py", "version": "*", "files": {}}, "files is required as an array"),
       ({"language": "py", "version": "*", "files": [{}]}, "files[0].content is required as a string"),
       ({"language": "py", "version": "*", "files": [{"content": ""}, {"content": 1}]}, "files[1].content is required as a string"),
       ({"language": "py", "version": "9.9", "files": [{"content": ""}]}, "py-9.9 runtime is unknown"),
       ({"language": "klingon", "version": "*", "files": []}, "klingon-* runtime is unknown"),
       ({"language": "py", "version": "*", "files": []}, "files must include at least one utf8 encoded file"),
       ({"language": "py", "version": "*", "files": [{"content": "00", "encoding": "hex"}]},
        "files must include at least one utf8 encoded file"),
       (_python(run_timeout="5"), "If specified, run_timeout must be a number"),
       (_python(run_timeout=-1), "run_timeout must be non-negative"),
       (_python(run_timeout=300001), "run_timeout cannot exceed the configured limit of 300000"),
       (_python(compile_timeout=1e99), "compile_timeout cannot exceed the configured limit of 300000"),
       (_python(run_cpu_time=-0.5e9), "run_cpu_time must be non-negative"),
       (_python(run_memory_limit=1 << 40), "run_memory_limit cannot exceed the configured limit of 2147483648"),
       (_python(run_memory_limit=[]), "If specified, run_memory_limit must be a number"))
def its_texts_of_400(server, body, text):
    reply = server.post(EXECUTE, body)
    assert (reply.status, reply.body) == (400, json.dumps({"message": text}, separators=(",", ":")).encode()), reply


WRONG = (["python"], {"a": "*"}, [[]], 5, True)


def fields_of_the_wrong_type_are_refused(server):
    before = server.pid_of("front")
    for value in WRONG:
        for field in ("language", "version", "stdin"):
            reply = server.post(EXECUTE, {**_python(), field: value})
            assert reply.status == 400 and list(reply.json) == ["message"], (field, value, reply)
        for method in ("POST", "DELETE"):
            body = json.dumps({"language": value, "version": value}).encode()
            assert server.request(method, "/api/v2/packages", body).status == 404, (method, value)
        # as theirs: a name that is none is not there, an encoding that is none is utf8
        files = [{"name": value, "content": "print(1)", "encoding": value}]
        assert _run(server, {**_python(), "files": files})["run"]["stdout"] == "1\n", value
    assert server.pid_of("front") == before


def a_body_that_is_no_json_has_a_stack(server):
    reply = server.post(EXECUTE, b"{")
    assert reply.status == 400 and list(reply.json) == ["stack"], reply


@cases(0, None, False, "")
def a_falsy_limit_is_none(server, value):
    assert _run(server, _python(run_timeout=value, run_memory_limit=value, compile_cpu_time=value))["run"]["code"] == 0


@cases("3", "3.x", "3.*", "^3.0", "^3", "~3", ">=3 <4", "*", "x")
def versions_are_npms_selectors(server, version):
    assert _run(server, {**_python(), "version": version})["version"].startswith("3.")


def only_the_first_file_of_text_is_the_program(server):
    blob = bytes(range(256))
    files = [{"name": "a/blob", "content": base64.b64encode(blob).decode(), "encoding": "base64"},
             {"name": "hex", "content": blob.hex(), "encoding": "hex"},
             {"name": "prog", "content": "print(open('a/blob','rb').read() == open('hex','rb').read(), open('file3.code').read())",
              "encoding": "klingon"},
             {"content": "third"}]
    assert _run(server, {**_python(), "files": files})["run"]["stdout"] == "True third\n"


def a_name_outside_the_directory_is_refused(server):
    for name in ("../x", "/etc/x", "a/../../x"):
        reply = server.post(EXECUTE, {**_python(), "files": [{"name": name, "content": ""}]})
        assert reply.status == 400 and list(reply.json) == ["message"], reply


@cases((None, "\n"), ("", "\n"), ("a", "a\n"), ("a\n", "a\n"), ("a\n\n", "a\n\n"))
def stdin_ends_in_a_line_break(server, sent, seen):
    result = _run(server, _python("import sys; print(repr(sys.stdin.read()))", **({} if sent is None else {"stdin": sent})))
    assert result["run"]["stdout"] == repr(seen) + "\n"



C = {"language": "c", "version": "*"}


@cases(("import sys; print(1); sys.exit(3)", {}, "RE", 3, None, "Exited with error status 3"),
       ("import os; os.kill(os.getpid(), 11)", {}, "SG", None, "SIGSEGV", "Caught fatal signal 11"),
       ("import time; time.sleep(9)", {"run_timeout": 200}, "TO", None, "SIGKILL", "Time limit exceeded"),
       ("while True: pass", {"run_cpu_time": 200}, "TO", None, "SIGKILL", "Time limit exceeded"),
       ("while True: print('x' * 99999)", {}, "OL", None, "SIGKILL", "stdout length exceeded"),
       ("import sys\nwhile True: print('x' * 99999, file=sys.stderr)", {}, "EL", None, "SIGKILL", "stderr length exceeded"),
       ("x = 'x' * (1 << 30)", {"run_memory_limit": 64 << 20}, "SG", None, "SIGKILL", "Memory limit exceeded"))
def how_a_stage_ended(server, code, limits, status, exit_code, signal, message):
    run = _run(server, _python(code, **limits))["run"]
    assert (run["status"], run["code"], run["signal"], run["message"]) == (status, exit_code, signal, message), \
        {**run, "stdout": "", "output": "", "stderr": run["stderr"][:200]}


def a_compile_that_fails_is_the_run_as_well(server):
    result = _run(server, {**C, "files": [{"name": "prog", "content": "int main(void) {"}]})
    assert result["compile"]["status"] == "RE" and result["compile"]["code"] == 1 and result["run"] == result["compile"], result


def a_compile_has_its_own_limits(server):
    code = "#include <iostream>\ntemplate<int n> struct f { static constexpr int v = f<n-1>::v + f<n-2>::v; };\n" \
        "template<> struct f<0> { static constexpr int v = 0; }; template<> struct f<1> { static constexpr int v = 1; };\n" \
        "int main() { return f<20>::v; }\n"
    result = _run(server, {"language": "c++", "version": "*", "files": [{"content": code}], "compile_timeout": 5})
    assert result["compile"]["status"] == "TO" and result["run"]["signal"] == "SIGKILL", result


def compiled_files_need_no_suffix(server):
    files = [{"name": "prog", "content": "int f(void); int main(void) { return f(); }"}, {"name": "f.c", "content": "int f(void) { return 5; }"}]
    assert _run(server, {**C, "files": files})["run"]["code"] == 5


# --- the rest ---

@cases("/api/v2/runtimes", "/api/v2/runtimes/", "/api/v2/piston/runtimes", "/piston/api/v2/runtimes")
def runtimes_are_listed(server, path):
    rows = {row["language"]: row for row in server.get(path).json}
    assert {"language", "version", "aliases"} <= set(rows["python"]) and "py" in rows["python"]["aliases"]
    assert {"cpp", "g++"} <= set(rows["c++"]["aliases"])


def home_and_nothing(server):
    for path in ("/piston", "/piston/"):
        assert server.get(path, headers=()).body == b'{"message":"Piston v3.1.1"}'
    for path in ("/piston/api/v2/klingon", "/piston/v1/execute"):
        reply = server.get(path)
        assert (reply.status, reply.body) == (404, b'{"message":"Not Found"}'), reply
    assert server.get("/").status == 404


def packages_are_what_the_images_have(server):
    rows = server.get("/api/v2/packages").json
    python = [row for row in rows if row["language"] == "python"][0]
    assert set(python) == {"language", "language_version", "installed"} and python["installed"] is True
    known = {"language": "python", "version": python["language_version"]}
    reply = server.post("/api/v2/packages", known)
    assert (reply.status, reply.json) == (500, {"message": "Already installed"}), reply
    reply = server.post("/api/v2/packages", {"language": "python", "version": "2.7"})
    assert reply.status == 501 and "sandglass image build" in reply.json["message"], reply
    reply = server.request("DELETE", "/api/v2/packages", json.dumps(known).encode())
    assert reply.status == 501 and "sandglass image" in reply.json["message"], reply
    for method in ("POST", "DELETE"):
        reply = server.request(method, "/api/v2/packages", b'{"language":"klingon","version":"1.0"}')
        assert (reply.status, reply.json) == (404, {"message": "Requested package klingon-1.0 does not exist"}), reply


def without_a_key_nothing_runs(server):
    reply = server.post(EXECUTE, _python(), headers=())
    assert reply.status == 401 and list(reply.json) == ["message"], reply
    assert server.post(EXECUTE, _python(), headers=(("Authorization", server.key),)).status == 200
