# SPDX-License-Identifier: Apache-2.0
"""relaxAI: POST /v1/tools/code, from every example of its documentation; the scan before a run; programs as with python3 -c."""

import json

from lib.scenario import Skip, cases
from lib.server import Server
from relaxai_examples import EXAMPLES, check

PATH = "/v1/tools/code"
FIELDS = ["success", "stdout", "stderr", "exit_code", "execution_time", "security_checked", "violations", "plots"]


def _post(server, body, path=PATH):
    return server.post(path, body)


def _run(server, code, **fields):
    reply = _post(server, {"code": code, "lang": "python", **fields})
    assert reply.status == 200, reply
    result = reply.json
    assert list(result) == FIELDS, list(result)
    assert isinstance(result["execution_time"], float) and result["execution_time"] > 0, result
    return result


def _is(result, success, stdout, stderr, exit_code, violations=()):
    expected = {"success": success, "stdout": stdout, "stderr": stderr, "exit_code": exit_code, "security_checked": True,
                "violations": list(violations), "plots": []}
    assert {name: result[name] for name in expected} == expected, result


# --- the documented examples ---

@cases(*(row[0] for row in EXAMPLES))
def an_example_of_its_documents_prints_what_they_say(server, title):
    code, fields, expected, also = next(row[1:] for row in EXAMPLES if row[0] == title)
    result = _run(server, code, **fields)
    if "No module named" in result["stderr"] and "import" in code:
        raise Skip(f"this image lacks what the example imports: {result['stderr'].splitlines()[-1]}")
    check(result, expected, also)


# --- requests ---

@cases({"code": "print(1)"}, {"lang": "python"}, {"code": "print(1)", "lang": "ruby"}, {"code": "print(1)", "lang": "Python"}, {"code": "", "lang": "python"},
       {"code": " \n\t ", "lang": "python"}, {"code": "print(1)\0", "lang": "python"}, {"code": 1, "lang": "python"}, {"code": "1", "lang": None},
       {"code": "#" * 50001, "lang": "python"}, {"code": "1", "lang": "python", "timeout": 0}, {"code": "1", "lang": "python", "timeout": -1},
       {"code": "1", "lang": "python", "timeout": 1e9}, {"code": "1", "lang": "python", "libraries": "numpy"}, [], "x")
def a_wrong_request_is_refused_as_openai_does(server, body):
    reply = _post(server, body)
    assert reply.status == 400 and list(reply.json) == ["error"], reply
    assert list(reply.json["error"]) == ["message", "type", "param", "code"] and reply.json["error"]["type"] == "invalid_request_error", reply


def fifty_thousand_characters_are_taken(server):
    code = "print(len('''" + "\u20ac" * (50000 - 18) + "'''))"
    assert len(code) == 50000
    _is(_run(server, code), True, f"{50000 - 18}\n", "", 0)


@cases({"libraries": ["numpy", "pandas"]}, {"timeout": 30.0}, {"user": "x", "stream": False}, {"libraries": []})
def other_fields_do_no_harm(server, fields):
    _is(_run(server, "print(1)", **fields), True, "1\n", "", 0)


def a_wrong_key_is_refused(server):
    reply = server.post(PATH, {"code": "1", "lang": "python"}, key="sg_wrong")
    assert reply.status == 401 and reply.json["error"]["type"] == "authentication_error", reply


@cases((("X-Stainless-Lang", "python"), ("User-Agent", "Relaxai/Python 0.9.1")), (("x-relaxai-userid", "user-123"),))
def the_headers_of_its_clients_do_no_harm(server, *headers):
    """Their SDKs and Riza's are made by the same generator, and tools of Riza's are at an address like this."""
    headers = (("Authorization", f"Bearer {server.key}"), ("Content-Type", "application/json"), *headers)
    assert server.post(PATH, {"code": "print(1)", "lang": "python"}, headers=headers).json["stdout"] == "1\n"


def the_mount_is_the_same(server):
    reply = _post(server, {"code": "print(1)", "lang": "python"}, "/relaxai" + PATH)
    assert reply.json["stdout"] == "1\n", reply


# --- other ends ---

@cases(("import time\nprint('kept', flush=True)\ntime.sleep(60)", {"timeout": 2}, "Execution failed: Execution timeout exceeded"),
       ("print('kept', flush=True)\nx = []\nwhile True: x.append(bytearray(1 << 22))", {}, "Execution failed: Memory limit exceeded"),
       ("print('kept', flush=True)\nwhile True: print('y' * 100000)", {}, "Execution failed: Output limit exceeded"))
def a_run_that_is_ended_is_no_success(server, code, fields, stderr):
    result = _run(server, code, **fields)
    assert (result["success"], result["exit_code"], result["stderr"]) == (False, -1, stderr) and result["stdout"].startswith("kept\n"), result["stderr"]


@cases(("raise SystemExit(3)", 3, ""), ("raise SystemExit('bye')", 1, "bye\n"), ("exit()", 0, ""), ("import signal\nsignal.raise_signal(11)", 139, ""))
def a_program_ends_with_its_own_code(server, code, exit_code, stderr):
    _is(_run(server, code), True, "", stderr, exit_code)


# --- as with python3 -c ---

C_PROGRAMS = ("print(__name__, __doc__, __package__)", "print(__file__)", "raise SystemExit", "import atexit; atexit.register(print, 'bye'); 1/0",
              "def f():\n    g()\ndef g():\n    raise ValueError('x') from KeyError('y')\nf()", "raise KeyboardInterrupt", "x = 1\n\n\nprint(y)", "def f(:\n", "\tx", "import warnings; warnings.warn('w')",
              "class A:\n    x: int = 1\nprint(A.__annotations__, A.__module__)", "from __future__ import annotations\nx: nonsense = 1\nprint(x)", "# -*- coding: latin-1 -*-\nprint('\u20ac')",
              "raise Exception('a\\nb')", "print('\\udcff')", "import traceback\ntry:\n    1/0\nexcept Exception:\n    traceback.print_exc()", "assert 1 == 2, 'no'", "print(dir())",
              "import collections\nP = collections.namedtuple('P', 'a')\nprint(P(1), P.__module__)", "raise ExceptionGroup('g', [ValueError(1)])", "print(input())", "'''doc'''\nprint(__doc__)",
              "async def f(): pass\nf()", "import json\njson.loads('{')")


@cases(*((code,) for code in C_PROGRAMS))
def a_program_runs_as_with_python_c(server, code):
    """What differs is what Python 3.13 adds: it shows lines of -c in tracebacks, as relaxAI's Python does not."""
    ours = _run(server, code)
    script = "import subprocess, sys, json; d = subprocess.run([sys.executable, '-c', sys.argv[1]], capture_output=True, stdin=subprocess.DEVNULL); " \
             "print(json.dumps([d.returncode, d.stdout.decode('utf-8', 'replace'), d.stderr.decode('utf-8', 'replace')]))"
    theirs = json.loads(server.run("python", script, args=[code])["stdout"])
    theirs[0] = 128 - theirs[0] if theirs[0] < 0 else theirs[0]
    assert [ours["exit_code"], ours["stdout"]] == theirs[:2], (ours, theirs)
    assert _without_source(ours["stderr"]) == _without_source(theirs[2]), (ours["stderr"], theirs[2])


def _without_source(text):
    lines, shown = text.splitlines(), []
    if "SyntaxError" in text or "IndentationError" in text:
        return lines
    for before, line in zip(["", *lines], lines):
        column = before.find('File "<string>"')
        is_source = column >= 0 and not line[:column + 2].strip(" |")
        if not is_source and not (line.strip(" |") and set(line.strip(" |")) <= set("^~")):
            shown.append(line)
    return shown


def standard_input_is_empty(server):
    result = _run(server, "print(repr(input('? ')))")
    assert result["stdout"] == "? " and "EOFError" in result["stderr"], result


def nothing_of_ours_is_left_in_the_working_directory(server):
    result = _run(server, "import pathlib\nprint(sorted(str(p) for p in pathlib.Path('.').iterdir()))")
    assert result["stdout"] == "['artifacts']\n", result


def a_parked_interpreter_does_the_same(server):
    for _ in range(10):
        _is(_run(server, "import json\nprint(json.dumps([1]))"), True, "[1]\n", "", 0)
        _is(_run(server, "1/0"), True, "", 'Traceback (most recent call last):\n  File "<string>", line 1, in <module>\nZeroDivisionError: division by zero\n', 1)


# --- the scan ---

OS, SYSTEM, IMPORTS = "Operating system interface", "os.system line execution", "Dynamic imports"


@cases(("import os as o; o.system('x')", [OS, SYSTEM]), ("from os import system as s\ns('x')", [OS, SYSTEM]), ("from os import system\nf = system\nf('x')", [OS, SYSTEM]),
       ("import os\ngetattr(os, 'sys' + 'tem')('x')", [OS, SYSTEM]), ("import os\ngetattr(os, ''.join(['sys', 'tem']))('x')", [OS, SYSTEM]),
       ("import os\nname = 'metsys'[::-1]\ngetattr(os, name)('x')", [OS, SYSTEM]), ("__import__('os').system('x')", [OS, SYSTEM, IMPORTS]),
       ("i = __import__\ni('os')", [OS, IMPORTS]), ("import importlib\nimportlib.import_module('os').system('x')", [OS, SYSTEM, IMPORTS]),
       ("from importlib import import_module as m\nm('o' + 's').system('x')", [OS, SYSTEM, IMPORTS]), ("from os import *\nsystem('x')", [OS, SYSTEM]),
       ("import os\np = q = os\nq.system('x')", [OS, SYSTEM]), ("import os\nclass A: o = os\nA.o.system('x')", [OS, SYSTEM]), ("import os\n[os][0].system('x')", [OS, SYSTEM]),
       ("import os\nvars(os)['system']('x')", [OS, SYSTEM]), ("import os\nos.__dict__['system']('x')", [OS, SYSTEM]), ("import random\nrandom._os.system('x')", [OS, SYSTEM]),
       ("from pathlib import os\nos.system('x')", [OS, SYSTEM]), ("def f():\n    import os as q\n    return q\nf().system('x')", [OS, SYSTEM]), ("lambda: __import__('os')", [OS, IMPORTS]),
       ("if False:\n    import os", [OS]), ("import os.path as p", [OS]), ("try:\n    import os\nexcept: pass", [OS]), ("(o := __import__('os')).system('x')", [OS, SYSTEM, IMPORTS]),
       ("eval('1')", ["Dynamic code evaluation"]), ("import builtins\nbuiltins.eval('1')", ["Dynamic code evaluation"]), ("e = eval\ne('1')", ["Dynamic code evaluation"]),
       ("from builtins import exec as x\nx('1')", ["Dynamic code execution"]), ("print(list(map(eval, ['1'])))", ["Dynamic code evaluation"]), ("compile('1', '', 'eval')", ["Dynamic code execution"]),
       ("open('x', 'w')", ["File write operations"]), ("open('x', mode='a')", ["File write operations"]), ("m = 'w'\nopen('x', m)", ["File write operations"]), ("f = open\nf('x', 'w')", ["File write operations"]),
       ("open('x', *['w'])", ["File write operations"]), ("import io\nio.open('x', 'r+')", ["File write operations"]), ("import os\nos.remove('x')", [OS, "File deletion operations"]),
       ("import shutil\nshutil.rmtree('x')", ["File deletion operations"]), ("import os\nprint(os.environ)", [OS, "Environment variable access"]),
       ("import subprocess as sp\nsp.run(['ls'])", ["Subprocess management", "Subprocess execution"]), ("from subprocess import Popen", ["Subprocess management", "Subprocess execution"]),
       ("import socket\ns = socket.socket()", ["Network socket operations", "Raw socket creation"]), ("import ctypes", ["Foreign function library"]), ("import multiprocessing.pool", ["Process-based parallelism"]),
       ("import threading", ["Thread-based parallelism"]), ("import pickle", ["Python object serialization"]), ("import requests", ["HTTP requests library"]), ("from urllib.request import urlopen", ["URL handling library"]),
       ("import sys\nsys.modules['os'].system('x')", [OS, "System-specific parameters", SYSTEM]), ("().__class__.__bases__[0].__subclasses__()", ["Interpreter internals"]),
       ("getattr((), '__cl' + 'ass__').__bases__", ["Interpreter internals"]), ("f = lambda: 0\nf.__globals__", ["Interpreter internals"]), ("print(__builtins__)", ["Interpreter internals"]),
       ("import socket, os\nos.system('a')", [OS, "Network socket operations", SYSTEM]), ("x = " + "(" * 30 + "__import__('os')" + ")" * 30, [OS, IMPORTS]))
def it_is_found(server, code, violations):
    _is(_run(server, code), False, "", "Security violations detected", -1, violations)


@cases("code = 1\nprint(code)", "import re\nprint(re.compile('x').pattern)", "# import os\nprint('os.system')", "'''import os'''", "import math, json, datetime, random, statistics, itertools, decimal",
       "def system(x): return x\nsystem('ls')", "class os:\n    system = 1\nprint(os.system)", "open_ = 1", "print(open('/etc/passwd').read())", "open('/etc/passwd', 'rb').close()",
       "class A:\n    def eval(self): return 1\nprint(A().eval())", "exec_time = 1", "import collections.abc, functools, operator\nprint(operator.attrgetter('real')(1))", "getattr([], 'append')(1)",
       "if __name__ == '__main__':\n    print(1)", "socket = 1\nprint(socket)", "class P:\n    def __init__(self): self.environ = {}\nP().environ", "from dataclasses import dataclass\n@dataclass\nclass D:\n    x: int\nprint(D(1))")
def it_is_let_pass(server, code):
    result = _run(server, code)
    assert result["success"] and result["exit_code"] == 0 and result["violations"] == [], result


def what_cannot_be_looked_at_is_refused(server):
    _is(_run(server, "x = " + "+".join(["1"] * 15000)), False, "", "Security violations detected", -1, ["Code that cannot be scanned"])


def a_program_cannot_speak_for_the_scan(server):
    code = "print('x')\nraise SystemExit('scan_01m7wy4vw0bg3qmqj4etyarqhq\\nOperating system interface')"
    result = _run(server, code)
    assert result["success"] and result["violations"] == [], result


def a_violation_is_found_before_anything_runs(server):
    result = _run(server, "print('ran', flush=True)\nopen('artifacts/plot_1.png')\nimport os")
    _is(result, False, "", "Security violations detected", -1, [OS])


# --- by configuration ---

def the_operator_may_turn_it_off_here(server):
    with Server({"scan": ""}) as other:
        result = _run(other, "import os\nprint(os.getcwd())\n1/0")
        assert (result["stdout"], result["violations"], result["security_checked"]) == ("/work\n", [], False), result
        assert result["stderr"].splitlines()[1] == '  File "<string>", line 3, in <module>', result


def the_operator_may_turn_it_on_elsewhere(server):
    with Server({"scan": "native,union"}) as other:
        result = other.run("python", "import os\nprint(1)", limits={})
        assert (result["status"], result["exit_code"], result["stdout"]) == ("error", 1, ""), result
        assert result["stderr"] == "Security violations detected\nOperating system interface\n", result
        result = other.run("python", "import math\nprint(__file__, __name__)\n1/0", limits={})
        assert result["stdout"] == "/work/main.py __main__\n" and 'File "/work/main.py", line 3, in <module>\n    1/0\n' in result["stderr"], result
        files = {"main.py": "import helper", "helper.py": "import subprocess"}
        assert "Subprocess management" in other.run("python", files=files, limits={})["stderr"]
        for name in ("ast.py", "os.py", "sitecustomize.py", "a/b.py"):
            result = other.run("python", files={"main.py": "print('ran')", name: "import os; print('first')"}, limits={})
            assert result["stdout"] == "" and OS in result["stderr"], (name, result)
        for name in ("helper.pyc", "x.so", "lib.zip"):
            result = other.run("python", files={"main.py": "print('ran')", name: "x"}, limits={})
            assert result["stdout"] == "" and "Code that cannot be scanned" in result["stderr"], (name, result)
        for name in ("PYTHONPATH", "PYTHONSTARTUP", "LD_PRELOAD", "HOME"):
            assert other.execute("python", "print(1)", env={name: "/work"}, limits={}).status == 400, name
        assert other.execute("python", files={"main.py": "1", ".sandglass-program": "x"}, limits={}).status == 400
        assert other.run("bash", "echo 1", env={"HOME": "/work"}, limits={})["stdout"] == "1\n"
        assert _run(other, "import os")["violations"] == []


def it_is_on_whatever_way_a_program_takes(server):
    from lib.client import wait_until
    with Server({"scan": "nadoo"}) as other:
        headers = (("X-API-Key", other.key), ("Content-Type", "application/json"))
        body, said = {"code": "import os; print('ran')", "language": "python"}, "Security violations detected\nOperating system interface\n"
        for path, value, answer in (("execute", body, lambda j: j), ("execute/batch", [body], lambda j: j[0])):
            result = answer(other.post("/api/v1/" + path, value, headers=headers).json)
            assert (result["stdout"], result["stderr"], result["exit_code"]) == ("", said, 1), (path, result)
        status = "/api/v1/execute/status/" + other.post("/api/v1/execute/async", body, headers=headers).json["execution_id"]
        later = lambda: other.request("GET", status, headers=headers).json["result"]
        assert wait_until(later, 20)["stderr"] == said


def a_function_is_looked_at_and_what_is_around_it_is_not():
    with Server({"scan": "riza"}) as other:
        for code, status in (("def execute(value):\n    return value + 1", "valid"),
                             ("import os\ndef execute(value):\n    return os.system('true')", "error")):
            result = other.post("/riza/v1/execute-function", {"language": "python", "code": code, "input": 41}).json
            assert (result["output_status"], result["output"]) == (status, 42 if status == "valid" else None), result
            assert ("Operating system interface" in result["execution"]["stderr"]) == (status == "error"), result


def without_a_scanner_it_is_refused(server):
    with Server({"scan_dir": "/nowhere"}) as other:
        reply = other.post(PATH, {"code": "print(1)", "lang": "python"})
        assert reply.status == 501 and reply.json["error"]["code"] == "not_implemented", reply
        assert other.run("python", "print(1)")["stdout"] == "1\n"
