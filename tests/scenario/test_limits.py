# SPDX-License-Identifier: Apache-2.0
"""Limits hold at N and at N+1, and a request can neither leave their range nor get around them."""

import hashlib
import re

from lib import paths
from lib.scenario import cases

LIMITS = ("wall_time_ms", "cpu_time_ms", "compile_time_ms", "memory_bytes", "disk_bytes", "processes", "open_files",
          "output_bytes")


def _rows():
    """{row of config.def: its default}"""
    text = (paths.SOURCE / "src/config/config.def").read_text()
    return {name: int(value) for name, value in re.findall(r'^U64\((\w+),\s*"[^"]*",\s*(\d+)', text, re.MULTILINE)}


@cases(*LIMITS)
def the_maximum_is_taken_and_one_more_is_refused(server, name):
    most = _rows()[name + "_max"]
    assert server.run("bash", "true", limits={name: most})["status"] == "ok"
    reply = server.execute("bash", "true", limits={name: most + 1})
    error = reply.error
    assert (reply.status, error["code"], error["field"], error["limit"]) == (400, "limit_exceeded", f"limits.{name}", most), reply
    assert str(most) in error["message"] and error["retryable"] is False, reply


@cases(*LIMITS)
def bad_values_are_each_answered(server, name):
    for value in (b"0", b"-1", b"1e308", b"1.5", b"NaN", b"Infinity", b"9223372036854775808", b"18446744073709551615",
                  b"18446744073709551616", b'"5"', b"null", b"true", b"[]", b"{}", b"-0", b"0.0001"):
        body = b'{"language":"bash","code":"true","limits":{"%s":%s}}' % (name.encode(), value)
        reply = server.post("/v1/execute", body)
        assert reply.status == 400 and len(reply.error["message"]) > 10, (value, reply)
        if value not in (b"NaN", b"Infinity"):
            assert reply.error["field"] == f"limits.{name}", (value, reply)


@cases("wall_time", "timeout", "memory", "cpu", "Wall_time_ms", "")
def unknown_limits_are_refused(server, name):
    reply = server.execute("bash", "true", limits={name: 5})
    assert (reply.status, reply.error["code"], reply.error["field"]) == (400, "unknown_field", f"limits.{name}"), reply


@cases("timeout", "memory_limit", "max_output", "wall_time_ms", "Code", "stdIn", "")
def unknown_fields_are_refused(server, name):
    reply = server.post("/v1/execute", {"language": "bash", "code": "true", name: 5})
    assert (reply.status, reply.error["code"], reply.error.get("field", "")) == (400, "unknown_field", name), reply


# --- the size of what is sent ---

def a_program_of_exactly_the_most_bytes_runs(server):
    most = _rows()["code_bytes_max"]
    code = "print('ok') #"
    assert server.run("python", code + "x" * (most - len(code)))["stdout"] == "ok\n"
    reply = server.execute("python", code + "x" * (most - len(code) + 1))
    assert (reply.status, reply.error["code"], reply.error["field"], reply.error["limit"]) == (400, "limit_exceeded", "code", most), reply


def files_are_counted_together(server):
    most = _rows()["code_bytes_max"]
    files = {"main.py": "print(1)", "a": "x" * (most // 2), "b": "x" * (most - most // 2 - 8)}
    assert server.run("python", files=files)["stdout"] == "1\n"
    reply = server.execute("python", files={**files, "c": "y"})
    assert reply.status == 400 and reply.error["limit"] == most, reply


def stdin_of_one_byte_too_many_is_refused(server):
    most = _rows()["stdin_bytes_max"]
    assert server.run("bash", "wc -c", stdin="x" * most)["stdout"].strip() == str(most)
    reply = server.execute("bash", "true", stdin="x" * (most + 1))
    assert (reply.status, reply.error["field"], reply.error["limit"]) == (400, "stdin", most), reply


def a_hundred_args_pass_and_one_more_does_not(server):
    assert server.run("bash", "echo $#", args=["x"] * 100)["stdout"] == "100\n"
    reply = server.execute("bash", "true", args=["x"] * 101)
    assert (reply.status, reply.error["field"], reply.error["limit"]) == (400, "args", 100), reply


def an_arg_of_the_most_bytes_passes_and_one_more_does_not(server):
    assert server.run("bash", "echo ${#1}", args=["x" * 102400])["stdout"] == "102400\n"
    reply = server.execute("bash", "true", args=["x" * 102401])
    assert (reply.status, reply.error["field"], reply.error["limit"]) == (400, "args[0]", 102400), reply


def many_long_args_and_variables_arrive_or_are_refused_by_name(server):
    reply = server.execute("python", "import sys; print(sum(map(len, sys.argv[1:])))", args=["x" * 102400] * 100)
    if reply.status == 200:
        assert reply.json["stdout"] == f"{102400 * 100}\n" or reply.json["started"] is False, reply
    else:
        assert (reply.status, reply.error["field"]) == (400, "args"), reply


def a_hundred_variables_pass_and_one_more_does_not(server):
    env = {f"V{i}": "x" for i in range(100)}
    assert server.run("bash", "env | grep -c ^V", env=env)["stdout"] == "100\n"
    reply = server.execute("bash", "true", env={**env, "MORE": "x"})
    assert (reply.status, reply.error["field"], reply.error["limit"]) == (400, "env", 100), reply


def a_hundred_files_pass_and_one_more_does_not(server):
    files = {"main.py": "import os; print(len(os.listdir('.')))", **{f"f{i}": "" for i in range(99)}}
    assert server.run("python", files=files)["stdout"] == "100\n"
    reply = server.execute("python", files={**files, "more": ""})
    assert (reply.status, reply.error["field"], reply.error["limit"]) == (400, "files", 100), reply


def a_body_of_one_byte_too_many_is_refused(server):
    most = _rows()["body_bytes_max"]
    body = b'{"language":"bash","code":"echo ok"' + b" " * (most - 36) + b"}"
    assert len(body) == most and server.post("/v1/execute", body).json["stdout"] == "ok\n"
    reply = server.post("/v1/execute", body + b" ")
    assert (reply.status, reply.error["code"]) == (413, "body_too_large"), reply


# --- what runs may take ---

def output_of_exactly_the_limit_is_ok_and_one_byte_more_is_not(server):
    for bytes_, status in ((4096, "ok"), (4097, "output_limit")):
        result = server.run("bash", f"head -c {bytes_} /dev/zero | tr '\\0' x", limits={"output_bytes": 4096})
        assert result["status"] == status and result["stdout"] == "x" * 4096, (bytes_, result["status"])
        assert result["stdout_truncated"] is (status != "ok"), result
        assert (result["exit_code"], result["signal"]) == ((0, None) if status == "ok" else (None, "SIGKILL")), result


def ten_mebibytes_of_output_arrive_whole_on_both_streams(server):
    most = _rows()["output_bytes_default"]
    result = server.run("bash", f"head -c {most} /dev/zero | tr '\\0' a; head -c {most} /dev/zero | tr '\\0' b >&2")
    assert result["status"] == "ok", result["status"]
    assert [hashlib.sha256(result[s].encode()).digest() for s in ("stdout", "stderr")] == [
        hashlib.sha256(c * most).digest() for c in (b"a", b"b")]


def the_process_limit_holds_at_n(server):
    # the program itself is one of them
    code = "import os, time\nn = 1\ntry:\n while n < 40:\n  if os.fork() == 0: time.sleep(9); os._exit(0)\n  n += 1\nexcept OSError: pass\nprint(n)"
    for limit in (5, 6, 20):
        assert server.run("python", code, limits={"processes": limit})["stdout"] == f"{limit}\n", limit


def threads_count_as_processes(server):
    code = ("import threading, time\nn = 1\ntry:\n while n < 40:\n  threading.Thread(target=time.sleep, args=(9,), daemon=True).start(); n += 1\n"
            "except RuntimeError: pass\nprint(n, flush=True)\nimport os; os._exit(0)")
    assert server.run("python", code, limits={"processes": 12})["stdout"] == "12\n"


def the_open_files_limit_holds_at_n(server):
    code = "import os\nn = 3\ntry:\n while True: os.dup(0); n += 1\nexcept OSError: print(n)"
    for limit in (16, 17, 100):
        assert server.run("python", code, limits={"open_files": limit})["stdout"] == f"{limit}\n", limit


def the_disk_limit_counts_all_writable_places_together(server):
    code = "import os\nn = 0\ntry:\n while True:\n  d = ['/tmp', '/work', '/home', '/dev/shm'][n % 4]\n  open(f'{d}/f{n}', 'wb').write(bytes(65536)); n += 1\nexcept OSError: print(n)"
    written = int(server.run("python", code, limits={"disk_bytes": 2 << 20})["stdout"])
    assert 24 <= written <= 32, written


def the_memory_limit_lets_pass_what_is_below(server):
    code = "x = bytearray({} << 20)\nprint(len(x) >> 20)"
    assert server.run("python", code.format(100), limits={"memory_bytes": 128 << 20})["stdout"] == "100\n"
    assert server.run("python", code.format(140), limits={"memory_bytes": 128 << 20})["status"] == "memory_limit"


def files_count_as_memory(server):
    code = "f = open('/work/f', 'wb')\nfor i in range(100): f.write(bytes(1 << 20))"
    result = server.run("python", code, limits={"memory_bytes": 48 << 20, "disk_bytes": 200 << 20})
    assert result["status"] == "memory_limit", result


def all_threads_and_children_share_the_cpu_time(server):
    code = "import os\nfor i in range(3):\n if os.fork() == 0:\n  while True: pass\nos.wait()"
    result = server.run("python", code, limits={"cpu_time_ms": 500, "wall_time_ms": 20000})
    assert result["status"] == "cpu_timeout" and 450 <= result["cpu_time_ms"] <= 1200, result


def half_a_core_is_half_a_core(server):
    code = "import time\nend = time.monotonic() + 1\nwhile time.monotonic() < end: pass\nprint(time.process_time())"
    half = float(server.run("python", code, limits={"cpu_milli": 500})["stdout"])
    assert 0.05 < half < 0.75, half


def the_deadline_is_kept_while_every_core_is_busy(server):
    import threading
    busy = [threading.Thread(target=server.execute, args=("python", "while True: pass"), kwargs={"limits": {"cpu_time_ms": 2500}})
            for _ in range(6)]
    for t in busy:
        t.start()
    result = server.run("bash", "sleep 60", limits={"wall_time_ms": 500})
    for t in busy:
        t.join()
    assert result["status"] == "wall_timeout" and result["wall_time_ms"] < 2500, result


def a_runtime_that_needs_more_than_the_limit_says_so(server):
    reply = server.execute("javascript", "0", limits={"processes": 2})
    assert reply.status == 400 and reply.error["field"] == "limits.processes", reply
