# SPDX-License-Identifier: Apache-2.0
"""Every status of src/engine/result.def is reached for real, and every field of an answer is what it says."""

import re

from lib import paths
from lib.scenario import cases

FIELDS = {"id", "language", "version", "engine", "status", "stdout", "stderr", "exit_code", "signal", "started",
          "stdout_truncated", "stderr_truncated", "wall_time_ms", "cpu_time_ms", "memory_peak_bytes"}


def _ends(result, status, exit_code, signal):
    assert (result["status"], result["exit_code"], result["signal"]) == (status, exit_code, signal), result
    return result


def every_status_has_a_test_here():
    statuses = re.findall(r'"(\w+)"', (paths.SOURCE / "src/engine/result.def").read_text())
    text = open(__file__, encoding="utf-8").read()
    assert len(statuses) == 11 and [s for s in statuses if f'"{s}"' not in text] == []


def an_answer_has_all_fields(server):
    result = server.run("python", "print(1)")
    assert FIELDS <= set(result) and result["id"].startswith("exe_"), result
    assert result["started"] is True and not result["stdout_truncated"] and not result["stderr_truncated"], result
    assert result["engine"] == "native" and 1 << 20 < result["memory_peak_bytes"] < 1 << 29, result


def ids_are_never_the_same(server):
    assert len({server.run("bash", "true")["id"] for _ in range(50)}) == 50


def times_are_finer_than_a_millisecond(server):
    results = [server.run("bash", "true") for _ in range(10)]
    for name in ("wall_time_ms", "cpu_time_ms"):
        assert any(r[name] != int(r[name]) for r in results) and all(0 < r[name] < 1000 for r in results), results


def times_are_those_of_the_program(server):
    slept = server.run("bash", "sleep 0.4")
    assert 400 <= slept["wall_time_ms"] < 1500 and slept["cpu_time_ms"] < 200, slept
    busy = server.run("python", "import time\nwhile time.process_time() < 0.4: pass")
    assert 250 <= busy["cpu_time_ms"] < 900 and busy["wall_time_ms"] >= busy["cpu_time_ms"] * 0.9, busy


def the_memory_peak_counts_what_was_used(server):
    result = server.run("python", "x = bytearray(100 << 20)")
    assert 100 << 20 < result["memory_peak_bytes"] < 160 << 20, result


def success_is_ok(server):
    _ends(server.run("bash", "exit 0"), "ok", 0, None)


@cases(1, 2, 42, 126, 127, 128, 137, 255)
def a_non_zero_exit_is_error(server, code):
    _ends(server.run("bash", f"exit {code}"), "error", code, None)


def both_streams_are_kept_apart(server):
    result = _ends(server.run("bash", "echo out; echo err >&2; exit 3"), "error", 3, None)
    assert (result["stdout"], result["stderr"]) == ("out\n", "err\n"), result


@cases(("ABRT", "SIGABRT"), ("SEGV", "SIGSEGV"), ("KILL", "SIGKILL"), ("TERM", "SIGTERM"), ("INT", "SIGINT"), ("PIPE", "SIGPIPE"),
       ("USR1", "SIGUSR1"), ("HUP", "SIGHUP"))
def a_fatal_signal_is_signal(server, short, name):
    _ends(server.run("python", f"import os, signal\nsignal.signal(signal.SIG{short}, signal.SIG_DFL) if '{short}' != 'KILL' else 0\n"
                               f"os.kill(os.getpid(), signal.SIG{short})"), "signal", None, name)


def output_before_a_crash_is_kept(server):
    result = server.run("python", "import os\nprint('before', flush=True)\nos.abort()")
    assert _ends(result, "signal", None, "SIGABRT")["stdout"] == "before\n"


def sleeping_too_long_is_wall_timeout(server):
    result = server.run("bash", "echo begun; sleep 60", limits={"wall_time_ms": 300})
    assert _ends(result, "wall_timeout", None, "SIGKILL")["stdout"] == "begun\n"
    assert 300 <= result["wall_time_ms"] < 2000, result


def computing_too_long_is_cpu_timeout(server):
    result = server.run("python", "while True: pass", limits={"cpu_time_ms": 300})
    assert _ends(result, "cpu_timeout", None, "SIGKILL")["cpu_time_ms"] >= 290, result


def too_much_memory_is_memory_limit(server):
    result = server.run("python", "x = []\nwhile True: x.append(bytearray(1 << 20))", limits={"memory_bytes": 64 << 20})
    _ends(result, "memory_limit", None, "SIGKILL")
    assert result["memory_peak_bytes"] <= 65 << 20, result


def too_much_output_is_output_limit(server):
    for stream in ("stdout", "stderr"):
        code = f"yes >&{1 if stream == 'stdout' else 2}"
        result = _ends(server.run("bash", code, limits={"output_bytes": 1000}), "output_limit", None, "SIGKILL")
        assert result[stream] == "y\n" * 500 and result[stream + "_truncated"], result


def too_much_on_disk_is_disk_limit(server):
    result = server.run("bash", "head -c 3000000 /dev/zero > big", limits={"disk_bytes": 1 << 20})
    _ends(result, "disk_limit", 1, None)
    assert "No space left" in result["stderr"], result


def too_many_processes_is_process_limit(server):
    code = "import os, sys, time\ntry:\n for i in range(50):\n  if os.fork() == 0: time.sleep(5); os._exit(0)\nexcept OSError: sys.exit(9)"
    _ends(server.run("python", code, limits={"processes": 10}), "process_limit", 9, None)


def a_limit_that_was_met_without_harm_is_ok(server):
    code = "import os, time\ntry:\n for i in range(50):\n  if os.fork() == 0: time.sleep(5); os._exit(0)\nexcept OSError: print('refused')"
    assert _ends(server.run("python", code, limits={"processes": 10}), "ok", 0, None)["stdout"] == "refused\n"


def what_does_not_compile_is_compile_error(server):
    result = server.run("c", "int main(void) { return x; }")
    assert (result["status"], result["started"], result["exit_code"], result["stdout"]) == ("compile_error", False, None, ""), result
    assert result["compile"]["exit_code"] == 1 and "‘x’ undeclared" in result["compile"]["stderr"], result


def what_compiles_too_long_is_compile_timeout(server):
    bomb = "#if __INCLUDE_LEVEL__ < 60\n#include __FILE__\n#include __FILE__\n#endif\n"
    result = server.run("c", bomb, limits={"compile_time_ms": 400})
    assert (result["status"], result["started"]) == ("compile_timeout", False), result


def a_file_that_cannot_be_executed_is_an_error_that_says_why(server):
    for content in ("no program", "#!/no/such/interpreter\n"):
        result = server.run("binary", content)
        assert result["status"] == "error" and result["started"] is False, result
        assert re.search("could not be started|[Ee]xec|No such file", str(result)), result


def children_that_hold_the_output_open_do_not_hold_the_answer(server):
    result = server.run("bash", "(trap '' TERM HUP; sleep 50) & disown; echo done")
    assert _ends(result, "ok", 0, None)["stdout"] == "done\n" and result["wall_time_ms"] < 3000, result


def orphans_are_reaped_and_do_not_outlive_the_program(server):
    result = server.run("python", "import os, time\nif os.fork() == 0:\n os.setsid()\n if os.fork() == 0: time.sleep(60)\n os._exit(0)\nos.wait(); print('x')")
    assert _ends(result, "ok", 0, None)["wall_time_ms"] < 3000, result
