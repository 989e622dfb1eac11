# SPDX-License-Identifier: Apache-2.0
"""Limits of a request: odd values, N and N+1 of every size, and that no field is silently dropped."""
import json

from cases import case
from judge import excerpt, need

LIMITS = ("wall_time_ms", "cpu_time_ms", "compile_time_ms", "memory_bytes", "disk_bytes", "processes", "open_files",
          "output_bytes")
MAXIMA = {"wall_time_ms": 300000, "cpu_time_ms": 300000, "compile_time_ms": 300000, "memory_bytes": 2147483648,
          "disk_bytes": 1073741824, "processes": 512, "open_files": 4096, "output_bytes": 20971520}
# Raw JSON, because what json.dumps makes of them is not what an attacker sends.
ODD = ("-1", "1e308", "1e400", "-0.5", "NaN", "Infinity", "9223372036854775808", "18446744073709551616", "99999999999999999999",
       '"5"', "true", "[]", "{}", "0.0001", "1.5", '""', "0x10", "1e-5")


def post_raw(context, text):
    return context.server.ask("POST", "/v1/execute", text.encode())


@case("limits odd values are refused for each limit", "T28", 3)
def odd_values(context):
    count = 0
    for limit in LIMITS:
        for value in ODD + (("0",) if limit != "output_bytes" else ()):
            text = '{"language":"python","code":"print(1)","limits":{"%s":%s}}' % (limit, value)
            answer = post_raw(context, text)
            need(answer.status == 400 and answer.error_code, "%s %s gets %s", limit, value, excerpt(answer))
            count += 1
    return "%d requests refused with 400" % count


@case("limits the maximum passes and one more does not", "T28", 3)
def maxima(context):
    for limit, most in MAXIMA.items():
        answer = context.server.run_python("print(1)", limits={limit: most})
        need(answer.status == 200, "%s %d gets %s", limit, most, excerpt(answer))
        answer = context.server.run_python("print(1)", limits={limit: most + 1})
        need(answer.status == 400, "%s %d gets %s", limit, most + 1, excerpt(answer))
        need(limit in json.dumps(answer.json) and str(most) in json.dumps(answer.json),
             "the answer to %s does not name field and limit: %s", limit, answer.body)
    return "%d maxima hold at N and N+1" % len(MAXIMA)


@case("limits unknown fields are refused", "T49 T51", 7)
def unknown_fields(context):
    tries = [{"limits": {"memory": 1}}, {"limits": {"Memory_bytes": 1 << 26}}, {"limits": {"timeout": 5}}, {"timeout": 5},
             {"memory_limit": 5}, {"network": True}, {"privileged": True}, {"limits": []}, {"limits": "none"},
             {"wall_time_ms": 5}, {"seccomp": "off"}, {"uid": 0}, {"image": "/"}, {"allow_missing_walls": "SECCOMP"}]
    for fields in tries:
        answer = context.server.run_python("print(1)", **fields)
        need(answer.status == 400, "%s gets %s", fields, excerpt(answer))
    return "%d fields refused" % len(tries)


@case("limits sizes at N and N+1", "T28", 3)
def sizes(context):
    kib = 1024
    ok, rows = "pass", [
        ("args", {"args": ["x"] * 100}, {"args": ["x"] * 101}),
        ("bytes of an argument", {"args": ["x" * (100 * kib)]}, {"args": ["x" * (100 * kib + 1)]}),
        ("env entries", {"env": {"V%d" % i: "" for i in range(100)}}, {"env": {"V%d" % i: "" for i in range(101)}}),
        ("bytes of an env key", {"env": {"K" * (4 * kib): "x"}}, {"env": {"K" * (4 * kib + 1): "x"}}),
        ("bytes of an env value", {"env": {"K": "x" * (100 * kib)}}, {"env": {"K": "x" * (100 * kib + 1)}}),
        ("bytes of code", {"code": "#" + "x" * (1024 * kib - 1)}, {"code": "#" + "x" * (1024 * kib)}),
        ("bytes of stdin", {"stdin": "x" * (10240 * kib)}, {"stdin": "x" * (10240 * kib + 1)}),
    ]
    for name, most, more in rows:
        answer = context.server.submit({"language": "python", "code": "print(1)", **most})
        need(answer.status == 200 and answer.json["status"] == "ok", "%s at N does not %s: %s", name, ok, excerpt(answer))
        answer = context.server.submit({"language": "python", "code": "print(1)", **more})
        need(answer.status in (400, 413), "%s at N+1 gets %s", name, excerpt(answer))
    return ", ".join(name for name, _, _ in rows)


@case("limits the body at N and N+1", "T28", 3)
def body_size(context):
    most = 32 << 20
    start, end = b'{"language":"python","code":"print(1)"', b"}"
    answer = context.server.ask("POST", "/v1/execute", start + b" " * (most - len(start) - len(end)) + end)
    need(answer.status == 200, "a body of exactly %d bytes gets %s", most, excerpt(answer))
    answer = context.server.ask("POST", "/v1/execute", start + b" " * (most - len(start) - len(end) + 1) + end)
    need(answer.status == 413, "a body of one byte more gets %s", excerpt(answer))
    return "32 MiB pass, one byte more does not"


@case("limits names of files", "T6 T13", 1)
def file_names(context):
    bad = ["../x", "/abs", "a/../../x", "", ".", "..", "a/./b", "a//b", "a/", "x" * 1025, "a\0b", "../../proc/self/mem", "a/..",
           "./x", "/", "//etc/passwd", "a/../main.py"]
    for name in bad:
        body = {"language": "python", "entrypoint": "main.py",
                "files": [{"name": "main.py", "content": "print(1)"}, {"name": name, "content": "x"}]}
        answer = context.server.submit(body)
        need(answer.status == 400, "the name %r gets %s", name, excerpt(answer))
        answer = context.server.submit({**body, "files": [{"name": "main.py", "content": "print(1)"}], "entrypoint": name})
        need(answer.status == 400, "the entrypoint %r gets %s", name, excerpt(answer))
    answer = context.server.submit({"language": "python", "files": [{"name": "main.py", "content": "1"}] * 2})
    need(answer.status == 400, "the same name twice gets %s", excerpt(answer))
    clash = [{"name": "a", "content": "x"}, {"name": "a/b", "content": "x"}, {"name": "main.py", "content": "print(1)"}]
    answer = context.server.submit({"language": "python", "files": clash, "entrypoint": "main.py"})
    need(answer.status in (400, 200), "a file that is also a directory gets %s", excerpt(answer))
    need(context.server.run_python("print(1)").json["status"] == "ok", "the server does not run any more")
    odd = ["new\nline.py", "-rf", "$(reboot).py", "`id`.py", "a b.py", "\u00e9.py", "%s%n.py", "'\".py", "*.py", "x" * 200]
    for name in odd:
        answer = context.server.submit({"language": "python", "entrypoint": name,
                                         "files": [{"name": name, "content": "print('ran')"}]})
        need(answer.status == 400 or answer.json.get("stdout") == "ran\n", "the name %r gets %s", name, excerpt(answer))
    for name in ("-fplugin=evil.c", "-o.c", "@main.c", "-wrapper sh.c", "-include.c"):
        sources = [{"name": "main.c", "content": "#include <stdio.h>\nint main(void){puts(\"ran\");return 0;}\n"},
                   {"name": name, "content": "int unused;\n"}]
        answer = context.server.submit({"language": "c", "entrypoint": "main.c", "files": sources})
        # GCC's driver itself hands the name to cc1, which reads @name as a file of options: the caller's own loss.
        lost = name.startswith("@") and answer.status == 200 and answer.json["status"] == "compile_error"
        need(lost or answer.status == 400 or answer.json.get("stdout") == "ran\n", "the source %r gets %s", name, excerpt(answer))
    return "%d names refused, %d odd ones harmless" % (len(bad), len(odd) + 5)


@case("limits hostile env and args are refused", "T13 T14", 1)
def hostile_strings(context):
    tries = [{"args": ["a\0b"]}, {"env": {"A": "a\0b"}}, {"env": {"A=B": "x"}}, {"env": {"": "x"}}, {"env": {"A\0": "x"}},
             {"args": "not a list"}, {"args": [1]}, {"args": [None]}, {"env": []}, {"env": {"A": 1}}, {"env": {"A": None}},
             {"stdin": 5}, {"entrypoint": 5}, {"files": "x"}, {"files": [5]}, {"version": "; id"}, {"version": 3},
             {"language": "../../bin/sh"}, {"language": "python\0"}, {"language": ""}, {"language": ["python"]},
             {"engine": "none"}, {"output_encoding": "utf-7"}]
    for fields in tries:
        answer = context.server.submit({"language": "python", "code": "print(1)", **fields})
        need(answer.status == 400 and answer.error_code, "%s gets %s", fields, excerpt(answer))
    return "%d requests refused" % len(tries)


@case("limits every field that promises something is applied", "T49", 7)
def applied(context):
    code = ("import os,resource\n"
            "s=os.statvfs('/tmp')\n"
            "print(resource.getrlimit(resource.RLIMIT_NOFILE)[1], s.f_blocks*s.f_frsize, os.environ['A'], sep=' ')\n")
    answer = context.server.run_python(code, env={"A": "env"}, limits={"open_files": 77, "disk_bytes": 3145728})
    need(answer.status == 200 and answer.json["stdout"].split() == ["77", "3145728", "env"], "%s", excerpt(answer))
    answer = context.server.run_python("import sys; print(sys.stdin.read())", stdin="in")
    need(answer.json["stdout"] == "in\n", "stdin: %s", excerpt(answer))
    for fields, status in (({"limits": {"wall_time_ms": 300}}, "wall_timeout"), ({"limits": {"output_bytes": 10}}, "output_limit")):
        answer = context.server.run_python("import time\nprint('x' * 100, flush=True)\ntime.sleep(1)", **fields)
        need(answer.json["status"] == status, "%s: %s", fields, excerpt(answer))
    return "open files, disk, env, stdin, wall time, output"


@case("limits the least of each is a clear answer, never an internal error", "T34", 3)
def least(context):
    for limits in ({"memory_bytes": 4194304}, {"memory_bytes": 8388608}, {"disk_bytes": 65536}, {"processes": 1}, {"open_files": 8},
                   {"wall_time_ms": 1}, {"cpu_time_ms": 1}, {"output_bytes": 0}):
        for language, code in (("python", "print(1)"), ("bash", "echo 1")):
            answer = context.server.submit({"language": language, "code": code, "limits": limits})
            need(answer.status in (200, 400), "%s %s gets %s", language, limits, excerpt(answer))
    return "every least value gets a result or a 400"
