# SPDX-License-Identifier: Apache-2.0
"""POST /v1/batch: one program, many tests, and what is said of each of them."""

import json
import pathlib
import re
import tempfile
import time

from lib import host
from lib.client import encode_request, wait_until
from lib.events import Stream
from lib.scenario import cases
from lib.server import Server, gone

ADD = """
#include <stdio.h>
int main(void)
{
	long a, b;
	if (scanf("%ld %ld", &a, &b) != 2)
		return 3;
	printf("%ld\\n", a + b);
	return 0;
}
"""


def _batch(server, language, code, tests, status=200, **fields):
    reply = server.post("/v1/batch", {"language": language, "code": code, "tests": tests, **fields}, timeout=300)
    assert reply.status == status, reply
    return reply.json if status == 200 else reply.error


def _verdicts(answer):
    return [test["verdict"] for test in answer["tests"]]


def _bash(server, code, tests, **fields):
    return _batch(server, "bash", code, tests, **fields)


# --- verdicts ---

def a_program_is_compiled_once_and_run_for_each_test(server):
    before = server.metrics()
    tests = [{"name": f"t{i}", "stdin": f"{i} {i}", "expected_stdout": f"{2 * i}\n"} for i in range(10)]
    answer = _batch(server, "c", ADD, tests)
    assert _verdicts(answer) == ["AC"] * 10 and answer["verdict"] == "AC", answer
    assert [t["name"] for t in answer["tests"]] == [f"t{i}" for i in range(10)], answer
    assert (answer["passed"], answer["tests_count"], answer["points"], answer["points_max"]) == (10, 10, 10, 10), answer
    assert answer["compile"]["status"] == "ok" and not answer["compile"]["cached"], answer
    assert server.metrics()["sandglass_jobs_finished_total"] - before["sandglass_jobs_finished_total"] == 11  # one is the compile


def the_compiled_program_is_there_whatever_the_cache_keeps():
    with Server({"compile_cache_bytes": 0}) as server:
        answer = _batch(server, "c", ADD, [{"stdin": "1 2", "expected_stdout": "3"}] * 5)
        assert _verdicts(answer) == ["AC"] * 5, answer


MANY_WAYS = """
case $1 in
wrong) echo 43;;
fail) echo 42; exit 3;;
crash) echo 42; kill -SEGV $$;;
spin) while :; do :; done;;
sleep) sleep 60;;
memory) x=$(head -c 200000000 /dev/zero | tr '\\0' x); echo ${#x};;
flood) while :; do echo 42424242424242424242424242424242; done;;
*) echo 42;;
esac
"""


def every_verdict_is_given_where_it_belongs(server):
    ways = {"good": "AC", "wrong": "WA", "fail": "RTE", "crash": "RTE", "spin": "TLE", "sleep": "TLE", "memory": "MLE", "flood": "OLE"}
    tests = [{"name": way, "args": [way], "expected_stdout": "42\n", **({"limits": {"cpu_time_ms": 20000}} if way == "memory" else {})} for way in ways]
    answer = _bash(server, MANY_WAYS, tests, limits={"cpu_time_ms": 300, "memory_bytes": 64 << 20, "output_bytes": 100000})
    assert dict(zip(ways, _verdicts(answer))) == ways, answer
    found = {t["name"]: t for t in answer["tests"]}
    assert [found[w]["status"] for w in ("spin", "sleep", "memory", "flood", "crash")] == [
        "cpu_timeout", "wall_timeout", "memory_limit", "output_limit", "signal"], answer
    assert found["crash"]["signal"] == "SIGSEGV" and found["fail"]["exit_code"] == 3, answer
    assert 1.9 <= found["sleep"]["wall_time_ms"] / 1000 < 10, found["sleep"]  # 3 x 300 ms and a second
    assert answer["verdict"] == "WA" and answer["verdicts"] == {"AC": 1, "WA": 1, "TLE": 2, "MLE": 1, "OLE": 1, "RTE": 2}, answer


def what_does_not_compile_is_that_for_each_test_and_runs_none(server):
    answer = _batch(server, "c", "int main(void) { return nothing; }", [{"expected_stdout": ""}] * 3)
    assert _verdicts(answer) == ["CE"] * 3 and answer["verdict"] == "CE", answer
    assert "nothing" in answer["compile"]["stderr"] and answer["compile"]["status"] == "compile_error", answer
    assert [t["status"] for t in answer["tests"]] == [None] * 3 and answer["points"] == 0, answer


def an_exit_code_can_be_what_is_expected(server):
    tests = [{"args": ["3"], "expected_exit_code": 3}, {"args": ["0"], "expected_exit_code": 3}, {"args": ["4"], "expected_exit_code": 3}, {"args": ["0"]}]
    assert _verdicts(_bash(server, "exit $1", tests)) == ["AC", "WA", "RTE", "AC"]


def without_an_expected_output_only_the_exit_code_counts(server):
    assert _verdicts(_bash(server, "echo $RANDOM; exit $1", [{"args": ["0"]}, {"args": ["1"]}])) == ["AC", "RTE"]


def points_are_counted_and_the_first_difference_is_shown(server):
    tests = [{"expected_stdout": "one\ntwo\nthree\n", "points": 30}, {"expected_stdout": "one\n2\nthree\n", "points": 70}]
    answer = _bash(server, "printf 'one\\ntwo\\nthree\\n'", tests)
    assert (answer["points"], answer["points_max"]) == (30, 100), answer
    assert answer["tests"][1]["difference"] == {"line": 2, "column": 1, "expected": "2", "got": "two"}, answer
    assert "difference" not in answer["tests"][0], answer


def output_is_shown_as_far_as_it_was_asked_for(server):
    code = "printf abcdef; printf uvwxyz >&2"
    shown = _bash(server, code, [{"expected_stdout": "abcdef"}], show_output_bytes=4)["tests"][0]
    assert (shown["verdict"], shown["stdout"], shown["stderr"]) == ("AC", "abcd", "uvwx"), shown
    assert "stdout" not in _bash(server, code, [{}])["tests"][0]


# --- what a test is given ---

def tests_have_input_arguments_files_and_variables_of_their_own(server):
    code = 'read x; echo "$x $* $V $W $(cat data.txt base.txt)"'
    tests = [{"stdin": "1", "args": ["a", "b"], "files": {"data.txt": "f1"}, "env": {"V": "v1"}, "expected_stdout": "1 a b v1 w f1base"},
             {"stdin": "2", "files": {"data.txt": "f2"}, "env": {"W": "w2"}, "expected_stdout": "2 z v w2 f2base"}]
    reply = server.post("/v1/batch", {"language": "bash", "files": {"main.sh": code, "base.txt": "base"}, "args": ["z"], "env": {"V": "v", "W": "w"},
                                      "tests": tests})
    assert _verdicts(reply.json) == ["AC", "AC"], reply


def each_test_may_have_limits_of_its_own(server):
    tests = [{"args": ["spin"], "limits": {"cpu_time_ms": 100}}, {"args": ["sleep"], "limits": {"wall_time_ms": 100}}, {}]
    answer = _bash(server, MANY_WAYS, tests)
    assert _verdicts(answer) == ["TLE", "TLE", "AC"] and answer["tests"][1]["wall_time_ms"] < 3000, answer


LOOK = r"""
import os, re
secret = re.compile(rb"expected[-]secret")

def texts():
    for root in ("/work", "/home", "/tmp"):
        for directory, _, names in os.walk(root):
            yield from (os.path.join(directory, name) for name in names)
    for pid in filter(str.isdigit, os.listdir("/proc")):
        yield from (f"/proc/{pid}/{name}" for name in ("cmdline", "environ"))

def memory():
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as mem:
        for begin, end in (map(lambda x: int(x, 16), re.match("(.*?)-(.*?) rw", line).groups()) for line in maps if " rw" in line):
            mem.seek(begin)
            yield mem.read(end - begin)

def contents():
    for path in texts():
        try:
            yield open(path, "rb").read()
        except OSError:
            pass
    yield from memory()

left = os.path.exists("/tmp/left")
open("/tmp/left", "w").close()
held = any(secret.search(text) for text in contents())
print("LEFT" if left else "", "FOUND" if held else "", len(os.listdir("/proc/self/fd")))
"""


def no_test_sees_another_or_what_is_expected(server):
    """It looks in all files, arguments and variables that it can read, and in its own memory; where the secret is planted, it finds it."""
    tests = [{"expected_stdout": "expected-secret"}, {"expected_stdout": "x"},
             {"expected_stdout": "x", "files": {"planted": "expected-secret"}}, {"expected_stdout": "x", "env": {"PLANTED": "expected-secret"}}]
    answer = _batch(server, "python", LOOK, tests, show_output_bytes=100)
    words = [test["stdout"].split() for test in answer["tests"]]
    assert words == [["4"], ["4"], ["FOUND", "4"], ["FOUND", "4"]], answer


# --- comparing ---

def built_in_checkers_compare_as_they_say(server):
    code = "printf '1.0000001  two \\n\\n'"
    expected = {"exact": "1.0000001  two \n\n", "trailing": "1.0000001  two", "tokens": "1.0000001 two", "float": "1 two"}
    order = list(expected)
    for checker in order:
        answer = _bash(server, code, [{"expected_stdout": expected[kind]} for kind in order], checker=checker)
        assert _verdicts(answer) == ["AC" if order.index(kind) <= order.index(checker) else "WA" for kind in order], (checker, answer)
    tests = [{"expected_stdout": "1.1 two"}]
    assert _verdicts(_bash(server, code, tests, checker={"kind": "float", "absolute": 0.2})) == ["AC"]
    assert _verdicts(_bash(server, code, tests, checker={"kind": "float", "relative": 0.05})) == ["WA"]


CHECKER = """
import sys
given, output, expected = (open(path).read() for path in sys.argv[1:4])
if output.startswith("mad"):
    raise SystemExit(9)
if output.startswith("half"):
    print("0.5 not all of it")
    raise SystemExit(7)
print("given", given.strip(), "answer", expected.strip(), *sys.argv[4:])
raise SystemExit(output.strip() not in expected.split())
"""


def a_checker_program_decides_by_exit_code_and_words(server):
    tests = [{"stdin": word, "expected_stdout": "yes oui", "points": 10} for word in ("oui", "no", "half", "mad")]
    answer = _bash(server, "cat", tests, checker={"kind": "program", "language": "python", "code": CHECKER, "args": ["more"]})
    assert _verdicts(answer) == ["AC", "WA", "WA", "IE"], answer
    assert answer["tests"][0]["checker_message"] == "given oui answer yes oui more\n", answer
    assert [t["points"] for t in answer["tests"]] == [10, 0, 5, 0] and answer["points"] == 15, answer
    assert answer["tests"][3]["error"]["code"] == "helper_failed", answer


def a_compiled_checker_is_compiled_once(server):
    code = "#include <stdio.h>\nint main(int c, char **v) { FILE *f = fopen(v[2], \"r\"); return fgetc(f) != 'y'; }"
    before = server.metrics()["sandglass_jobs_finished_total"]
    answer = _bash(server, "cat", [{"stdin": "y"}, {"stdin": "n"}] * 3, checker={"kind": "program", "language": "c", "code": code})
    assert _verdicts(answer) == ["AC", "WA"] * 3, answer
    assert server.metrics()["sandglass_jobs_finished_total"] - before == 1 + 6 + 6


def a_checker_runs_only_for_what_ended_well(server):
    answer = _bash(server, "exit 1", [{}], checker={"kind": "program", "language": "bash", "code": "exit 0"})
    assert _verdicts(answer) == ["RTE"] and "checker_message" not in answer["tests"][0], answer


def a_checker_that_does_not_compile_is_the_callers_error(server):
    error = _bash(server, "true", [{}], checker={"kind": "program", "language": "c", "code": "x"}, status=400)
    assert error["code"] == "invalid_field" and error["field"] == "checker" and "does not compile" in error["message"], error


def a_checker_that_hangs_or_floods_is_no_verdict_of_the_program(server):
    for code in ("sleep 60", "yes", "kill -9 $$"):
        answer = _bash(server, "true", [{}], checker={"kind": "program", "language": "bash", "code": code, "limits": {"wall_time_ms": 500, "output_bytes": 10000}})
        assert _verdicts(answer) == ["IE"], answer


# --- interactors ---

# Guess a number from 1 to 1000 in ten questions; the number is the test's input.
HOST = """
import sys
number = int(open(sys.argv[1]).read())
for turn in range(10):
    word = sys.stdin.readline()
    if not word:
        sys.exit("the program has stopped to ask")
    guess = int(word)
    print("<" if number < guess else ">" if number > guess else "=", flush=True)
    if guess == number:
        print("after", turn + 1, file=sys.stderr)
        sys.exit(0)
sys.exit("too many questions")
"""
GUESS = """
#include <stdio.h>
int main(void)
{
	int low = 1, high = 1000;
	char said;
	do {
		int middle = (low + high) / 2;
		printf("%d\\n", middle);
		fflush(stdout);
		if (scanf(" %c", &said) != 1)
			return 1;
		if (said == '<')
			high = middle - 1;
		else
			low = middle + 1;
	} while (said != '=');
	return 0;
}
"""
INTERACTOR = {"language": "python", "code": HOST}


def an_interactor_talks_to_the_program(server):
    tests = [{"stdin": str(number)} for number in (1, 500, 777, 1000)]
    answer = _batch(server, "c", GUESS, tests, interactor=INTERACTOR)
    assert _verdicts(answer) == ["AC"] * 4, answer
    assert answer["tests"][1]["checker_message"] == "after 1\n", answer


def an_interactor_that_is_compiled_is_so_once(server):
    code = "#include <stdio.h>\nint main(void) { int n; puts(\"6\"); fflush(stdout); return scanf(\"%d\", &n) != 1 || n != 36; }"
    answer = _bash(server, "read n; echo $((n * n))", [{}] * 3, interactor={"language": "c", "code": code})
    assert _verdicts(answer) == ["AC"] * 3, answer


def the_program_is_blamed_for_what_it_does_to_the_conversation(server):
    programs = {"exit": ("true", "WA"), "crash": ("kill -SEGV $$", "RTE"), "nonsense": ("echo nonsense; read x", "WA"), "deaf": ("sleep 60", "TLE"),
                "spin": ("while :; do :; done", "TLE"), "flood": ("yes 1", "WA"), "slow": ("for i in {1..11}; do echo 1; read x; done", "WA")}
    for name, (code, verdict) in programs.items():
        answer = _bash(server, code, [{"stdin": "777"}], interactor=INTERACTOR, limits={"cpu_time_ms": 400})
        assert _verdicts(answer) == [verdict], (name, answer)
        assert "error" not in answer["tests"][0], answer
    server.wait_idle()


def an_interactor_that_hangs_dies_or_floods_harms_nobody(server):
    interactors = {"sleep 60": "IE", "kill -9 $$": "IE", "exit 3": "IE", "yes": "IE", "head -c 10000000 /dev/zero >&2": "IE", "exit 0": "AC", "exit 1": "WA"}
    for code, verdict in interactors.items():
        began = time.monotonic()
        answer = _bash(server, "read x; exit 0", [{}], interactor={"language": "bash", "code": code, "limits": {"wall_time_ms": 2500, "output_bytes": 10000}},
                       limits={"cpu_time_ms": 300})
        assert _verdicts(answer) == [verdict] and time.monotonic() - began < 30, (code, answer)
    server.wait_idle()


def both_hang_and_both_are_ended(server):
    answer = _bash(server, "read x", [{}] * 2, interactor={"language": "bash", "code": "read x; sleep 100"}, limits={"wall_time_ms": 500})
    assert _verdicts(answer) == ["IE"] * 2 and all(t["error"]["code"] == "helper_failed" for t in answer["tests"]), answer
    server.wait_idle()


def an_interactor_gives_a_part_of_the_points(server):
    answer = _bash(server, "echo x", [{"points": 8}], interactor={"language": "bash", "code": "read x; echo 0.25 >&2; exit 7"})
    assert (_verdicts(answer), answer["points"]) == (["WA"], 2), answer


def an_interactor_runs_beside_the_program_where_there_is_one_place():
    with Server({"runs_max": 1, "queue_max": 4, "queue_max_per_key": 4}) as server:
        answer = _bash(server, "echo 1; read x", [{}] * 3, interactor={"language": "bash", "code": "read x; echo 1"})
        assert _verdicts(answer) == ["AC"] * 3, answer


def a_caller_who_goes_away_leaves_neither_program_nor_interactor(server):
    body = json.dumps({"language": "bash", "code": "sleep 4322", "tests": [{}] * 4, "interactor": {"language": "bash", "code": "sleep 4322"}}).encode()
    with server.connect() as connection:
        connection.send(encode_request("POST", "/v1/batch", body, server.auth()))
        pids = wait_until(lambda: len(f := [p for p in server.processes() if "sleep 4322" in host.command_line(p)]) >= 2 and f)
    assert gone(pids), pids
    server.wait_idle()


# --- stopping ---

def the_first_failure_ends_the_batch_if_that_is_wanted(server):
    tests = [{"args": ["1" if i == 4 else "0"]} for i in range(40)]
    answer = _bash(server, "exit $1", tests, stop_on="first_failure")
    assert _verdicts(answer) == ["AC"] * 4 + ["RTE"] + ["SK"] * 35, answer
    assert answer["verdict"] == "RTE" and answer["verdicts"]["SK"] == 35, answer
    assert _verdicts(_bash(server, "exit $1", tests)).count("AC") == 39


def tests_behind_a_failure_are_ended_and_count_as_not_run():
    with Server({"batch_runs_max": 4}) as server:
        began = time.monotonic()
        tests = [{"args": ["sleep 1; exit 1"]}, {"args": ["true"]}, {"args": ["sleep 100"]}, {"args": ["sleep 100"]}]
        answer = _bash(server, "eval $1", tests, stop_on="first_failure")
        assert _verdicts(answer) == ["RTE", "SK", "SK", "SK"] and time.monotonic() - began < 20, answer
        server.wait_idle()


def a_caller_who_goes_away_leaves_nothing(server):
    body = json.dumps({"language": "bash", "code": "sleep 4321", "tests": [{}] * 20}).encode()
    with server.connect() as connection:
        connection.send(encode_request("POST", "/v1/batch", body, server.auth()))
        pids = wait_until(lambda: [p for p in server.processes() if "sleep 4321" in host.command_line(p)])
    assert gone(pids), pids
    server.wait_idle()


def a_caller_who_goes_away_while_it_compiles_leaves_nothing(server):
    bomb = "#if __INCLUDE_LEVEL__ < 60\n#include __FILE__\n#include __FILE__\n#endif\n"
    body = json.dumps({"language": "c", "code": bomb, "flags": ["-Og"], "tests": [{}]}).encode()
    with server.connect() as connection:
        connection.send(encode_request("POST", "/v1/batch", body, server.auth()))
        # with a flag, to be told from those that wait for a program
        pids = wait_until(lambda: [p for p in server.processes() if re.search("cc1.* -Og ", host.command_line(p))], within=60)
    assert gone(pids), pids
    server.wait_idle()


# --- results as they come ---

def _stream(server, body, accept):
    """The answer's records and when each came; the records of the two forms are the same."""
    connection = server.connect(timeout=120)
    headers = (*server.auth(), ("Accept", accept))
    connection.send(encode_request("POST", "/v1/batch", json.dumps(body).encode(), headers))
    stream = Stream(connection, *connection._head())  # pylint: disable=protected-access
    assert stream.status == 200 and stream.headers["Content-Type"] == accept, stream.headers
    return stream


def _lines(stream):
    while not stream.ended:
        stream._more()  # pylint: disable=protected-access
    return [json.loads(line) for line in stream.text.decode().splitlines()]


def results_come_as_events_while_others_run():
    with Server({"batch_runs_max": 2}) as server:
        body = {"language": "bash", "code": "sleep $1", "tests": [{"args": ["2"]}, *[{"args": ["0"]}] * 5]}
        with _stream(server, body, "text/event-stream") as stream:
            events = stream.rest()
        assert [e.name for e in events] == ["batch", *["test"] * 6, "result"], events
        assert [e.data["index"] for e in events[1:-1]] == [1, 2, 3, 4, 5, 0], events
        assert events[-2].arrived - events[1].arrived > 1 and events[-1].data["passed"] == 6, events
        assert all(e.data["type"] == e.name for e in events) and events[0].data["id"] == events[-1].data["id"], events


def results_come_as_lines_with_the_compile_ahead(server):
    body = {"language": "c", "code": ADD, "tests": [{"stdin": f"{i} 0", "expected_stdout": str(i)} for i in range(20)]}
    with _stream(server, body, "application/x-ndjson") as stream:
        records = _lines(stream)
    assert [r["type"] for r in records] == ["batch", *["test"] * 20, "result"], records
    assert records[0]["compile"]["status"] == "ok" and sorted(r["index"] for r in records[1:-1]) == list(range(20)), records
    assert records[-1]["verdict"] == "AC" and records[-1]["points"] == 20, records


def results_up_to_the_first_failure_come_in_order_and_say_the_same_as_the_whole_answer(server):
    body = {"language": "bash", "code": "sleep 0.$(($1 % 3)); exit $(($1 == 5))", "tests": [{"args": [str(i)]} for i in range(12)], "stop_on": "first_failure"}
    with _stream(server, body, "application/x-ndjson") as stream:
        records = _lines(stream)
    assert [(r["index"], r["verdict"]) for r in records[1:-1]] == [(i, "AC" if i < 5 else "RTE" if i == 5 else "SK") for i in range(12)], records
    assert records[-1]["verdicts"] == {"AC": 5, "RTE": 1, "SK": 6}, records


def while_there_is_nothing_to_say_lines_say_that_it_lives():
    with Server({"stream_heartbeat_ms": 100}) as server:
        body = {"language": "bash", "code": "sleep 1", "tests": [{}]}
        with _stream(server, body, "application/x-ndjson") as stream:
            records = _lines(stream)
        types = [record["type"] for record in records]
        beats = types.count("heartbeat")
        assert 4 <= beats <= 11 and types == ["batch", *["heartbeat"] * beats, "test", "result"], records


def what_does_not_compile_is_streamed_too(server):
    with _stream(server, {"language": "c", "code": "x", "tests": [{}] * 3}, "text/event-stream") as stream:
        events = stream.rest()
    assert [e.data.get("verdict") for e in events] == [None, "CE", "CE", "CE", "CE"], events


def what_is_refused_is_no_stream(server):
    headers = (*server.auth(), ("Accept", "text/event-stream"))
    reply = server.request("POST", "/v1/batch", json.dumps({"language": "bash", "code": "", "tests": []}).encode(), headers=headers)
    assert reply.status == 400 and reply.error["field"] == "tests", reply
    body = {"language": "bash", "code": "true", "tests": [{}], "checker": {"kind": "program", "language": "c", "code": "x"}}
    assert server.request("POST", "/v1/batch", json.dumps(body).encode(), headers=headers).status == 400


def a_slow_reader_slows_the_batch_and_gets_all_of_it(server):
    """What it does not take is at most what connection and kernel hold, while the batch waits."""
    tests = [{"stdin": "x"}] * 300
    body = {"language": "bash", "code": "head -c 60000 /dev/zero", "tests": tests, "show_output_bytes": 60000}
    with _stream(server, body, "application/x-ndjson") as stream:
        before = server.metrics()["sandglass_jobs_finished_total"]
        time.sleep(4)
        waiting = server.metrics()["sandglass_jobs_finished_total"]
        assert waiting - before < 200, (before, waiting)
        records = _lines(stream)
    assert len(records) == 302 and records[-1]["passed"] == 300, len(records)


@cases("never", "first_failure")
def results_larger_than_what_is_on_its_way_at_once_come_whole(stop_on):
    """Each is three quarters of a megabyte, because every byte of its output needs an escape; one waits for another."""
    with Server({"batch_runs_max": 8}) as server:
        code = "sleep $1; head -c 65536 /dev/zero; head -c 65536 /dev/zero >&2"
        tests = [{"args": ["1" if i == 0 else "0"]} for i in range(24)]
        body = {"language": "bash", "code": code, "tests": tests, "show_output_bytes": 65536, "stop_on": stop_on}
        with _stream(server, body, "application/x-ndjson") as stream:
            time.sleep(2)
            records = _lines(stream)
        assert [r["type"] for r in records] == ["batch", *["test"] * 24, "result"], [r["type"] for r in records]
        assert all(r["stdout"] == r["stderr"] == "\0" * 65536 for r in records[1:-1]) and records[-1]["passed"] == 24


def a_reader_who_goes_away_ends_the_batch(server):
    body = {"language": "bash", "code": "[ $1 = 0 ] || sleep 4323", "tests": [{"args": [str(i)]} for i in range(5)]}
    with _stream(server, body, "text/event-stream") as stream:
        assert [stream.event().name, stream.event().name] == ["batch", "test"]
        pids = wait_until(lambda: [p for p in server.processes() if "sleep 4323" in host.command_line(p)])
    assert gone(pids), pids
    server.wait_idle()


# --- many, and at once ---

def a_thousand_tests_are_answered_in_their_order(server):
    tests = [{"stdin": f"{i} 1", "expected_stdout": f"{i + 1 if i % 10 else 0}"} for i in range(1000)]
    answer = _batch(server, "c", ADD, tests)
    assert _verdicts(answer) == ["AC" if i % 10 else "WA" for i in range(1000)], answer["verdicts"]
    assert [t["index"] for t in answer["tests"]] == list(range(1000))
    server.wait_idle()


def a_batch_leaves_room_for_others():
    with Server({"runs_max": 4, "batch_runs_max": 64, "queue_max": 2, "queue_max_per_key": 2}) as server:
        body = json.dumps({"language": "bash", "code": "sleep 0.3", "tests": [{}] * 40}).encode()
        with server.connect() as connection:
            connection.send(encode_request("POST", "/v1/batch", body, server.auth()))
            wait_until(lambda: server.metrics()["sandglass_jobs_running"] >= 4)
            assert server.run("bash", "echo in between")["stdout"] == "in between\n"
            assert set(_verdicts(connection.receive().json)) == {"AC"}


def a_key_with_one_place_gets_one_test_at_a_time():
    with Server(start=False) as server:
        key = server.make_key("--concurrent", "1")
        server.start()
        code = "date +%s%N; sleep 0.2; date +%s%N"
        body = {"language": "bash", "code": code, "tests": [{}] * 4, "show_output_bytes": 100}
        answer = server.post("/v1/batch", body, key=key).json
        spans = sorted(tuple(map(int, t["stdout"].split())) for t in answer["tests"])
        assert all(a[1] <= b[0] for a, b in zip(spans, spans[1:])), spans


# --- what is refused ---

def requests_that_are_wrong_are_refused_with_the_field(server):
    cases = [
        ({"tests": []}, "invalid_field", "tests"),
        ({"tests": [{"expected": "x"}]}, "unknown_field", "tests[0].expected"),
        ({"tests": [{}, {"stdin": 5}]}, "invalid_field", "tests[1].stdin"),
        ({"tests": [{"points": -1}]}, "invalid_field", "tests[0].points"),
        ({"tests": [{"limits": {"cpu_time_ms": 10**9}}]}, "limit_exceeded", "tests[0].limits.cpu_time_ms"),
        ({"tests": [{"files": {"main.sh": ""}}]}, "invalid_field", "tests[0].files"),
        ({"tests": [{"files": {"../x": ""}}]}, "invalid_field", "tests[0].files.../x"),
        ({"tests": [{}] * 1001}, "limit_exceeded", "tests"),
        ({"tests": [{}], "checker": "fuzzy"}, "invalid_field", "checker"),
        ({"tests": [{}], "checker": {"kind": "tokens", "absolute": 1}}, "invalid_field", "checker"),
        ({"tests": [{}], "checker": {"kind": "float", "absolute": -1}}, "invalid_field", "checker.absolute"),
        ({"tests": [{}], "checker": {"kind": "program", "code": ""}}, "missing_field", "checker.language"),
        ({"tests": [{}], "checker": {"kind": "program", "language": "bash", "files": {"main.sh": "", "input": ""}}}, "invalid_field", "checker.files"),
        ({"tests": [{}], "checker": "exact", "interactor": {"language": "bash", "code": "true"}}, "invalid_field", "checker"),
        ({"tests": [{}], "interactor": {"language": "bash"}}, "missing_field", "code"),
        ({"tests": [{}], "stop_on": "second"}, "invalid_field", "stop_on"),
        ({"tests": [{}], "artifacts": True}, "invalid_field", "artifacts"),
        ({"tests": [{}], "session_id": "s"}, "invalid_field", "session_id"),
        ({"tests": [{}], "async": True}, "invalid_field", "async"),
        ({"tests": [{}], "interactor": {"language": "bash", "code": "", "output_files": ["x"]}}, "invalid_field", "interactor.output_files"),
        ({}, "missing_field", "tests"),
    ]
    for fields, code, field in cases:
        reply = server.post("/v1/batch", {"language": "bash", "code": "true", **fields})
        assert (reply.status, reply.error["code"], reply.error.get("field")) == (400, code, field), (fields, reply)
    assert server.get("/v1/batch").status == 405


# --- the command line ---

def judge_prints_a_table_and_its_exit_code_says_whether_all_is_well(server):
    with tempfile.TemporaryDirectory() as directory:
        folder = pathlib.Path(directory)
        (folder / "add.c").write_text(ADD)
        tests = folder / "tests"
        tests.mkdir()
        for name, given, wanted in (("1", "1 1", "2\n"), ("2", "2 2", "5\n"), ("10", "3 3", "6")):
            (tests / f"{name}.in").write_text(given)
            (tests / (f"{name}.ans" if name == "1" else f"{name}.out")).write_text(wanted)
        (tests / "notes.txt").write_text("")
        env = {"SANDGLASS_URL": f"http://127.0.0.1:{server.listening_port()}", "SANDGLASS_API_KEY": server.key}
        done = server.cli("judge", folder / "add.c", tests, env=env)
        lines = done.stdout.decode().splitlines()
        assert done.returncode == 1 and [line.split()[:2] for line in lines[1:4]] == [["1", "AC"], ["2", "WA"], ["10", "AC"]], done
        assert "expected 5, got 4" in lines[2] and lines[4] == "WA: 2 of 3 tests, 2 of 3 points", done
        (tests / "2.out").write_text("4")
        assert server.cli("judge", folder / "add.c", tests, env=env).returncode == 0
        answer = json.loads(server.cli("judge", "--json", "--checker", "exact", folder / "add.c", tests, env=env).stdout)
        assert _verdicts(answer) == ["AC", "WA", "WA"], answer
        assert server.cli("judge", folder / "add.c", folder, env=env).returncode == 64
        assert server.cli("judge", folder / "add.c", folder / "none", env=env).returncode == 66
