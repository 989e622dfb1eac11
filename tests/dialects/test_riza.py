# SPDX-License-Identifier: Apache-2.0
"""Riza's Code Interpreter API: their examples, and what their documents say of each field."""

import json

from lib.scenario import cases

EXECUTION = {"id", "exit_code", "stdout", "stderr", "duration"}
HELLO = {"language": "python", "code": "print('Hello, world!')"}


def _execute(server, code, language="python", **fields):
    reply = server.post("/riza/v1/execute", {"language": language, "code": code, **fields})
    assert reply.status == 200, reply
    assert set(reply.json) == EXECUTION, reply
    assert isinstance(reply.json["exit_code"], int) and isinstance(reply.json["duration"], int), reply
    return reply.json


def _function(server, code, language="python", **fields):
    reply = server.post("/riza/v1/execute-function", {"language": language, "code": code, **fields})
    assert reply.status == 200, reply
    assert set(reply.json) == {"output", "output_status", "execution"} and set(reply.json["execution"]) == EXECUTION, reply
    return reply.json


def _refusal(server, path, body):
    reply = server.post(path, body)
    assert set(reply.json) == {"code", "message"}, reply
    return reply.status, reply.json["code"], reply.json["message"]


# --- their examples ---

def the_curl_example_prints_hello_world(server):
    reply = server.request("POST", "/v1/execute", b'{\n    "language": "python",\n    "code": "print(\'Hello, world!\')"\n}\n',
                           headers=(*server.auth(), ("Content-Type", "application/json; charset=utf-8")))
    assert (reply.status, reply.json["stdout"], reply.json["exit_code"]) == (200, "Hello, world!\n", 0), reply
    assert EXECUTION <= set(reply.json), reply


def stdin_reaches_the_program(server):
    code = "import sys; print(sys.stdin.read()[::-1], end='')"
    assert _execute(server, code, stdin="Hello")["stdout"] == "olleH"


@cases("x-stainless-lang", "user-agent")
def a_client_of_theirs_gets_just_their_fields_without_a_mount(server, header):
    value = {"x-stainless-lang": "js", "user-agent": "Riza/JS 0.11.0"}[header]
    reply = server.post("/v1/execute", HELLO, headers=(*server.auth(), (header, value)))
    assert reply.status == 200 and set(reply.json) == EXECUTION, reply


@cases({"limits": {"memory_size": 256}}, {"limits": {"execution_timeout": 9}}, {"http": {"allow": []}},
       {"files": [{"path": "a", "contents": "b"}]}, {"allow_http_hosts": []})
def fields_that_only_they_have_tell_their_format(server, fields):
    reply = server.post("/v1/execute", {**HELLO, **fields})
    assert reply.status == 200 and set(reply.json) == EXECUTION, reply


# --- execute ---

@cases("PYTHON", "Python", None)
def languages_come_in_any_case_or_not_at_all(server, language):
    assert _execute(server, "print(1)", language)["stdout"] == "1\n"


@cases(("python", "print(6 * 7)"), ("javascript", "console.log(6 * 7)"), ("typescript", "const n: number = 42; console.log(n)"),
       ("ruby", "puts 6 * 7"), ("php", "<?php echo 6 * 7, PHP_EOL;"))
def their_five_languages_run(server, language, code):
    assert _execute(server, code, language)["stdout"] == "42\n"


@cases("go", "bash", "", "pythonx")
def another_language_is_refused(server, language):
    status, code, _ = _refusal(server, "/riza/v1/execute", {"language": language, "code": ""})
    assert (status, code) == (400, 3)


def arguments_and_environment_reach_the_program(server):
    code = "import os, sys; print(sys.argv[1:], os.environ['GREETING'])"
    assert _execute(server, code, args=["a", "b c"], env={"GREETING": "hi"})["stdout"] == "['a', 'b c'] hi\n"


@cases("contents", "content")
def files_are_below_mnt_req(server, name):
    files = [{"path": "in.txt", name: "text"}, {"path": "/sub/dir/x.csv", name: "1,2"}]
    code = "print(open('/mnt/req/in.txt').read(), open('/mnt/req/sub/dir/x.csv').read())"
    assert _execute(server, code, files=files)["stdout"] == "text 1,2\n"


@cases("../x", "a/../../x", "")
def a_file_stays_below_its_directory(server, path):
    body = {**HELLO, "files": [{"path": path, "contents": ""}]}
    status, code, message = _refusal(server, "/riza/v1/execute", body)
    assert (status, code) == (400, 3) and "files[0].path" in message, message


def a_failing_program_is_an_answer(server):
    result = _execute(server, "import sys; sys.stderr.write('no'); sys.exit(3)")
    assert (result["exit_code"], result["stderr"]) == (3, "no"), result


@cases((9, 137), (11, 139))
def a_signal_is_128_and_its_number(server, signal, code):
    assert _execute(server, f"import os; os.kill(os.getpid(), {signal})")["exit_code"] == code


def a_timeout_is_124_and_keeps_what_was_printed(server):
    result = _execute(server, "print('before', flush=True)\nwhile True: pass", limits={"execution_timeout": 1})
    assert (result["exit_code"], result["stdout"]) == (124, "before\n") and result["duration"] >= 1000, result


def too_much_memory_is_137(server):
    assert _execute(server, "x = bytearray(200 << 20)", limits={"memory_size": 64})["exit_code"] == 137


def a_typescript_program_that_does_not_compile_says_why(server):
    result = _execute(server, "const = 1;", "typescript")
    assert result["exit_code"] != 0 and "const" in result["stderr"], result


@cases({"http": {"allow": [{"host": "*"}]}}, {"allow_http_hosts": ["example.com"]})
def a_network_is_refused_by_name(server, fields):
    status, code, message = _refusal(server, "/riza/v1/execute", {**HELLO, **fields})
    assert (status, code) == (400, 3) and ("http.allow" in message or "allow_http_hosts" in message), message


def unknown_fields_and_nulls_are_passed_over(server):
    assert _execute(server, "print(1)", runtime=None, revision="x", args=None, limits=None, files=None)["stdout"] == "1\n"


def without_a_key_the_answer_is_their_status(server):
    for headers in ((), (("Authorization", "Bearer nonsense"),)):
        reply = server.post("/riza/v1/execute", HELLO, headers=headers)
        assert reply.status == 401 and reply.body == b'{"code":16,"message":"unauthenticated"}', reply


def errors_of_the_body_are_their_status(server):
    assert _refusal(server, "/riza/v1/execute", b"{")[:2] == (400, 3)
    assert _refusal(server, "/riza/v1/execute", {"language": "python"})[:2] == (400, 3)
    assert _refusal(server, "/riza/v1/nothing", {})[:2] == (404, 5)


# --- functions ---

ADD = {
    "python": "def execute(input):\n    print('in', input)\n    return {'sum': input['a'] + input['b']}",
    "javascript": "function execute(input) { console.log('in', input.a); return {sum: input.a + input.b}; }",
    "typescript": "type Two = {a: number, b: number};\nfunction execute(input: Two) { console.log('in'); return {sum: input.a + input.b}; }",
}


@cases("python", "javascript", "typescript", "PYTHON")
def a_function_is_called_with_its_input(server, language):
    result = _function(server, ADD[language.lower()], language, input={"a": 40, "b": 2})
    assert (result["output"], result["output_status"]) == ({"sum": 42}, "valid"), result
    assert result["execution"]["exit_code"] == 0 and result["execution"]["stdout"].startswith("in"), result


@cases(("python", "async def execute(input):\n    return [input]"), ("javascript", "const execute = async (input) => [input]"),
       ("javascript", "export async function execute(input) { return [input]; }"),
       ("javascript", "import fs from 'node:fs'; function execute(input) { return [input]; }"),
       ("javascript", "await 0; const execute = (input) => [input];"),
       ("javascript", "const fs = require('fs'); module.exports = { execute: (input) => [input] };"),
       ("javascript", "export { f as execute }; function f(input) { return [input]; }"),
       ("typescript", "export const execute = async (input: unknown): Promise<unknown[]> => [input];"))
def a_function_may_be_written_in_other_ways(server, language, code):
    result = _function(server, code, language)
    assert (result["output"], result["output_status"]) == ([None], "valid"), result


@cases(("python", "def execute(input): pass"), ("javascript", "function execute(input) {}"), ("typescript", "function execute(input: any) {}"))
def a_function_without_a_value_is_valid(server, language, code):
    result = _function(server, code, language)
    assert (result["output"], result["output_status"]) == (None, "valid"), result


@cases(("python", "def execute(input): return {1, 2}"), ("python", "def execute(input): return float('nan')"),
       ("python", "def execute(input):\n    x = 0\n    for _ in range(99): x = [x]\n    return x"),
       ("python", "def execute(input): return '\\ud800'"),
       ("javascript", "function execute(input) { return 1n; }"), ("javascript", "function execute(input) { return execute; }"),
       ("typescript", "function execute(input: any) { const a: any = {}; a.a = a; return a; }"))
def what_json_has_not_is_told_apart(server, language, code):
    result = _function(server, code, language)
    assert (result["output"], result["output_status"]) == (None, "json_serialization_error"), result


@cases(("python", "def execute(input):\n    return 1 / 0", "ZeroDivisionError"), ("python", "x = 1", "execute"),
       ("python", "def execute(:", "SyntaxError"), ("javascript", "function execute() { throw new Error('oh no'); }", "oh no"),
       ("javascript", "const x = 1;", "execute"), ("typescript", "function execute() { throw new Error('oh no'); }", "oh no"))
def a_function_that_fails_is_an_error(server, language, code, text):
    result = _function(server, code, language)
    assert (result["output"], result["output_status"]) == (None, "error"), result
    assert result["execution"]["exit_code"] == 1 and text in result["execution"]["stderr"], result


def a_traceback_begins_in_the_function(server):
    stderr = _function(server, "def execute(input):\n    raise ValueError(input)", input="why")["execution"]["stderr"]
    assert stderr == ('Traceback (most recent call last):\n  File "/work/function.py", line 2, in execute\n'
                      "    raise ValueError(input)\nValueError: why\n"), stderr


def printing_is_not_returning(server):
    result = _function(server, "def execute(input):\n    print('{\"output\": 1}')\n    import sys; sys.stdout.flush()\n    import os; os._exit(0)")
    assert (result["output"], result["output_status"]) == (None, "error"), result
    assert result["execution"]["stdout"] == '{"output": 1}\n', result


def numbers_come_back_as_they_were(server):
    reply = server.post("/riza/v1/execute-function", {"language": "python", "code": "def execute(x): return [x, 10**30, 1.0]", "input": 2**63})
    assert reply.json["output"] == [2**63, 10**30, 1.0] and b"1000000000000000000000000000000" in reply.body, reply


def a_function_may_have_any_character_in_it(server):
    code = "function execute() { return 'a\0b'.length; }\n// \0\nglobalThis.x = 1;"
    reply = server.post("/riza/v1/execute-function", {"language": "typescript", "code": code})
    assert reply.json["output"] == 3, reply


def a_function_that_does_not_end_has_no_output(server):
    result = _function(server, "def execute(input):\n    while True: pass", limits={"execution_timeout": 1})
    assert (result["output"], result["output_status"], result["execution"]["exit_code"]) == (None, "error", 124), result


def a_function_sees_files_and_environment(server):
    code = "import os\ndef execute(input): return [open('/mnt/req/a').read(), os.environ['X']]"
    assert _function(server, code, files=[{"path": "a", "contents": "A"}], env={"X": "Y"})["output"] == ["A", "Y"]


@cases("ruby", "php", "go")
def functions_are_of_three_languages(server, language):
    assert _refusal(server, "/riza/v1/execute-function", {"language": language, "code": ""})[:2] == (400, 3)


def no_answer_has_fields_of_another_format(server):
    text = json.dumps([_execute(server, "print(1)"), _function(server, ADD["python"], input={"a": 1, "b": 2})])
    assert not {"session_id", "compile", "status", "language", "retryable"} & {w.strip('":') for w in text.split()}, text


def a_function_may_be_as_large_as_a_script_and_what_it_is_given_as_stdin(server):
    result = _function(server, "def execute(x):\n    return len(x)\n".ljust(1 << 20, "#"), input="x" * 5_000_000)
    assert result["output"] == 5_000_000, result
    reply = server.post("/v1/execute-function", {"language": "python", "code": "1", "input": "x" * (10 << 20)})
    assert reply.status == 400 and "'input' has 10485762 bytes" in reply.json["message"], reply


def who_writes_too_much_was_ended_even_if_it_was_at_its_end(server):
    for more, code in ((0, 0), (1, 137)):
        result = _execute(server, f"import sys; sys.stdout.write('x' * ((20 << 20) + {more}))")
        assert (result["exit_code"], len(result["stdout"])) == (code, 20 << 20), result["exit_code"]
