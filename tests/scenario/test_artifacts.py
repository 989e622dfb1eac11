# SPDX-License-Identifier: Apache-2.0
"""Files that a run leaves come back: those below ./artifacts and those that the request names, and nothing else."""

import base64
import hashlib
import time

from lib.scenario import cases

FIELDS = {"artifacts", "artifacts_skipped", "artifacts_skipped_count", "artifacts_complete"}


def _files(result):
    for file in result["artifacts"]:
        assert set(file) == {"name", "media_type", "encoding", "size_bytes", "content"} and file["encoding"] == "base64", file
        assert file["size_bytes"] == len(base64.b64decode(file["content"], validate=True)), file
    return {file["name"]: base64.b64decode(file["content"]) for file in result["artifacts"]}


def _skipped(result):
    return {row["name"]: row["reason"] for row in result["artifacts_skipped"]}


def what_is_below_artifacts_comes_back(server):
    code = "mkdir -p artifacts/a/b; printf one > artifacts/one.txt; printf two > artifacts/a/b/two.png; : > artifacts/empty; echo no > outside"
    result = server.run("bash", code, artifacts=True)
    assert _files(result) == {"artifacts/one.txt": b"one", "artifacts/a/b/two.png": b"two", "artifacts/empty": b""}, result
    assert (result["artifacts_skipped"], result["artifacts_skipped_count"], result["artifacts_complete"]) == ([], 0, True)
    assert [f["media_type"] for f in result["artifacts"]] == ["application/octet-stream", "text/plain", "image/png"], result


def files_that_the_request_names_come_back(server):
    code = "mkdir -p out; printf x > out/data.csv; printf y > .hidden; printf z > artifacts/z.json"
    result = server.run("bash", code, output_files=["out/data.csv", ".hidden", "out/data.csv", "artifacts/z.json", "absent", "out"])
    assert _files(result) == {"out/data.csv": b"x", ".hidden": b"y", "artifacts/z.json": b"z"}, result
    assert _skipped(result) == {"absent": "missing", "out": "not_a_file"} and not result["artifacts_complete"], result


def only_named_files_come_back_without_the_directory(server):
    result = server.run("bash", "ls; mkdir artifacts; echo 1 > artifacts/a; echo 2 > artifacts/b", output_files=["artifacts/b"], artifacts=False)
    assert _files(result) == {"artifacts/b": b"2\n"} and result["stdout"] == "main.sh\n", result


@cases({}, {"artifacts": False})
def nothing_is_said_of_files_where_none_are_asked_for(server, fields):
    result = server.run("bash", "ls; mkdir -p artifacts; echo 1 > artifacts/a", **fields)
    assert not FIELDS & set(result) and result["stdout"] == "main.sh\n", result


def the_directory_is_there_before_the_program(server):
    result = server.run("python", "import os; print(os.listdir()); open('artifacts/x', 'w').write('1')", artifacts=True)
    assert "artifacts" in result["stdout"] and _files(result) == {"artifacts/x": b"1"}, result


def a_file_of_the_request_may_be_in_the_directory(server):
    result = server.run("bash", files={"main.sh": "cat artifacts/in", "artifacts/in": "sent"}, artifacts=True)
    assert result["stdout"] == "sent" and _files(result) == {"artifacts/in": b"sent"}, result


def a_file_in_the_place_of_the_directory_is_no_failure(server):
    result = server.run("bash", files={"main.sh": "cat artifacts", "artifacts": "sent"}, artifacts=True)
    assert result["stdout"] == "sent" and _skipped(result) == {"artifacts": "not_a_file"}, result


@cases(("python", "raise SystemExit(3)", {}, "error"), ("python", "import os; os.kill(os.getpid(), 11)", {}, "signal"),
       ("python", "import time; time.sleep(60)", {"wall_time_ms": 1500}, "wall_timeout"),
       ("python", "while True: pass", {"cpu_time_ms": 1000}, "cpu_timeout"),
       ("python", "x = []\nwhile True: x.append(bytearray(1 << 20))", {"memory_bytes": 64 << 20}, "memory_limit"),
       ("python", "while True: print('y' * 10000)", {"output_bytes": 100000}, "output_limit"),
       ("python", "f = open('fill', 'wb')\nwhile True: f.write(bytes(1 << 16))", {"disk_bytes": 1 << 20}, "disk_limit"))
def whatever_ended_the_run_what_is_there_comes_back(server, language, code, limits, status):
    written = "f = open('artifacts/before', 'wb'); f.write(bytes(range(256)) * 100); f.close()\n"
    result = server.run(language, written + code, limits=limits, artifacts=True)
    assert result["status"] == status, result
    assert _files(result) == {"artifacts/before": bytes(range(256)) * 100}, (result["artifacts_skipped"], _files(result).keys())


def what_the_collecting_takes_is_not_the_runs(server):
    result = server.run("bash", "head -c 8000000 /dev/zero > artifacts/big; sleep 0.3", artifacts=True)
    plain = server.run("bash", "mkdir artifacts; head -c 8000000 /dev/zero > artifacts/big; sleep 0.3")
    assert result["artifacts"][0]["size_bytes"] == 8000000
    assert 300 <= result["wall_time_ms"] < plain["wall_time_ms"] + 2000, (result["wall_time_ms"], plain["wall_time_ms"])


def a_parked_interpreter_leaves_files_too(server):
    before = server.metrics()["sandglass_runs_warm_total"]
    results = [server.run("python", f"open('artifacts/n', 'w').write('{i}')", artifacts=True) for i in range(20)]
    assert [_files(result)["artifacts/n"] for result in results] == [b"%d" % i for i in range(20)]
    assert server.metrics()["sandglass_runs_warm_total"] > before or not before, "no run was warm"


def a_compiled_program_leaves_files_too(server):
    code = '#include <stdio.h>\nint main(void){FILE *f = fopen("artifacts/c.txt", "w"); fputs("from C", f); return 0;}'
    result = server.run("c", code, artifacts=True)
    assert _files(result) == {"artifacts/c.txt": b"from C"}, result
    assert _files(server.run("c", code, artifacts=True)) == {"artifacts/c.txt": b"from C"}, "from the cache"


def a_program_that_does_not_compile_leaves_none(server):
    result = server.run("c", "int main(void) {", artifacts=True)
    assert result["status"] == "compile_error" and result["artifacts"] == [] and not result["artifacts_complete"], result


# --- limits ---

@cases((32, 32, None), (33, 32, "too_many"))
def so_many_files_come_back_and_no_more(server, count, taken, reason):
    result = server.run("python", f"for i in range({count}): open(f'artifacts/{{i}}', 'w').close()", artifacts=True)
    assert len(result["artifacts"]) == taken and result["artifacts_skipped_count"] == count - taken, result
    assert [f["name"] for f in result["artifacts"]] == [f"artifacts/{i}" for i in range(taken)]
    assert [row["reason"] for row in result["artifacts_skipped"]] == [reason] * (count - taken)


@cases((5, True), (6, False))
def a_request_may_ask_for_fewer_files(server, count, complete):
    result = server.run("python", f"for i in range({count}): open(f'artifacts/{{i}}', 'w').close()", artifacts=True, limits={"artifacts": 5})
    assert len(result["artifacts"]) == 5 and result["artifacts_complete"] == complete, result


@cases((1000, True), (1001, False))
def so_many_bytes_come_back_and_no_more(server, size, fits):
    code = f"open('artifacts/a', 'wb').write(b'a' * 500); open('artifacts/b', 'wb').write(b'b' * {size - 500}); open('artifacts/c', 'wb').close()"
    result = server.run("python", code, artifacts=True, limits={"artifact_bytes": 1000})
    assert set(_files(result)) == {"artifacts/a", "artifacts/c"} | ({"artifacts/b"} if fits else set()), result
    assert _skipped(result) == ({} if fits else {"artifacts/b": "too_large"}), result


def ten_mebibytes_arrive_unchanged(server):
    result = server.run("python", "import random; open('artifacts/r', 'wb').write(random.Random(7).randbytes(10 << 20))", artifacts=True)
    import random
    assert hashlib.sha256(_files(result)["artifacts/r"]).digest() == hashlib.sha256(random.Random(7).randbytes(10 << 20)).digest()


def plots_are_taken_in_the_order_of_their_numbers(server):
    result = server.run("python", "for i in range(1, 41): open(f'artifacts/plot_{i}.png', 'w').close()", artifacts=True)
    assert [f["name"] for f in result["artifacts"]] == [f"artifacts/plot_{i}.png" for i in range(1, 33)], result


@cases(("../x",), ("/etc/passwd",), ("",), ("a/../b",), ("a//b",), ("./a",), ("a\0b",), ("x" * 1025,))
def a_name_that_leads_elsewhere_is_refused(server, name):
    reply = server.post("/v1/execute", {"language": "bash", "code": ":", "output_files": [name]})
    assert reply.status == 400 and reply.json["error"]["field"] == "output_files[0]", reply.body


@cases(({"output_files": "x"}, "output_files"), ({"output_files": [1]}, "output_files[0]"), ({"artifacts": "yes"}, "artifacts"),
       ({"output_files": ["x"] * 257}, "output_files"), ({"artifacts": True, "limits": {"artifacts": 0}}, "limits.artifacts"),
       ({"limits": {"artifact_bytes": 1 << 40}}, "limits.artifact_bytes"))
def a_field_of_another_kind_is_refused(server, fields, name):
    reply = server.post("/v1/execute", {"language": "bash", "code": ":", **fields})
    assert reply.status == 400 and reply.json["error"]["field"] == name, reply.body


# --- what is no file ---

@cases(("ln -s /etc/passwd artifacts/x", "link"), ("ln -s ../secret artifacts/x", "link"), ("ln -s nowhere artifacts/x", "link"),
       ("ln -s /proc/self/fd/0 artifacts/x", "link"), ("ln -s /proc/1/root artifacts/x", "link"), ("ln secret artifacts/x", "link"),
       ("mkfifo artifacts/x", "not_a_file"), ("chmod 0 secret; mv secret artifacts/x", "unreadable"),
       ("mkdir artifacts/x; chmod 0 artifacts/x", "unreadable"),
       ("python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"artifacts/x\")'", "not_a_file"))
def it_is_passed_over_and_named(server, command, reason):
    result = server.run("bash", f"echo secret > secret; {command}; echo good > artifacts/good", artifacts=True)
    assert _files(result) == {"artifacts/good": b"good\n"} and _skipped(result) == {"artifacts/x": reason}, result


@cases("ln -s /etc artifacts", "ln -s / artifacts", "ln -s . artifacts", "ln -s /proc/self artifacts")
def a_directory_that_is_a_link_is_not_followed(server, command):
    result = server.run("bash", f"rmdir artifacts; {command}", artifacts=True, output_files=["artifacts/passwd", "main.sh"])
    assert set(_files(result)) == {"main.sh"} and _skipped(result)["artifacts"] == "link", result


@cases(("a/b", "ln -s /etc a"), ("a/passwd", "ln -s /etc a"), ("a/b", "mkdir real; echo 1 > real/b; ln -s real a"))
def no_part_of_a_name_may_be_a_link(server, name, command):
    result = server.run("bash", command, output_files=[name])
    assert result["artifacts"] == [] and _skipped(result) == {name: "link"}, result


def odd_names_are_named_and_passed_over(server):
    code = "import os\nfor n in [b'\\xff', b'a\\nb', b'\\x1b[31m', b'\\xc2\\x85', b'\\xed\\xa0\\x80', b'\\xc0\\xaf', 'grün'.encode(), '\U0001f600'.encode(), b'x' * 255, b'-rf', b' ']:\n" \
           " open(b'artifacts/' + n, 'w').close()"
    result = server.run("python", code, artifacts=True)
    assert set(_files(result)) == {"artifacts/grün", "artifacts/\U0001f600", "artifacts/" + "x" * 255, "artifacts/-rf", "artifacts/ "}, result
    assert set(_skipped(result).values()) == {"name"} and result["artifacts_skipped_count"] == 6, result


def deep_directories_end_somewhere(server):
    code = "import os\nos.chdir('artifacts')\nfor i in range(5000):\n os.mkdir('d'); os.chdir('d')\n open('f', 'w').close() if i < 100 else 0"
    result = server.run("python", code, artifacts=True, limits={"disk_bytes": 500 << 20})
    assert len(result["artifacts"]) == 15 and set(_skipped(result).values()) == {"name"}, result


@cases((100000, "artifacts"), (5000, "artifacts/sub"))
def more_files_than_are_looked_at_do_no_harm(server, count, directory):
    code = f"import os\nos.makedirs('{directory}', exist_ok=True)\nfor i in range({count}): open(f'{directory}/{{i}}', 'w').close()"
    result = server.run("python", code, artifacts=True, limits={"disk_bytes": 1 << 30, "memory_bytes": 1 << 30})
    assert result["status"] == "ok" and len(result["artifacts"]) == 32 and not result["artifacts_complete"], {**result, "artifacts": len(result["artifacts"])}
    assert len(result["artifacts_skipped"]) == 64 and result["artifacts_skipped_count"] >= 4000, result["artifacts_skipped_count"]


def a_huge_sparse_file_is_passed_over(server):
    code = "open('artifacts/huge', 'wb').truncate(50 << 20); f = open('artifacts/small', 'wb'); f.truncate(1 << 20)"
    result = server.run("python", code, artifacts=True)
    assert _skipped(result) == {"artifacts/huge": "too_large"} and _files(result) == {"artifacts/small": bytes(1 << 20)}, _skipped(result)


def what_still_writes_is_dead_before_the_files_are_read(server):
    """A child that outlives the program changes its file all the time: it is of one moment, and no bytes are mixed."""
    code = """import os, sys
if os.fork(): 
    import time; time.sleep(0.3); sys.exit()
os.setsid(); os.close(0); os.close(1); os.close(2)
f = os.open('artifacts/f', os.O_CREAT | os.O_RDWR)
n = 0
while True:
    n += 1; os.pwrite(f, bytes([n % 256]) * 4096, 0); os.ftruncate(f, n % 4096); os.rename('artifacts/f', 'artifacts/g'); os.rename('artifacts/g', 'artifacts/f')"""
    for _ in range(10):
        result = server.run("python", code, artifacts=True)
        files = _files(result)
        assert result["artifacts_complete"] and list(files) in (["artifacts/f"], ["artifacts/g"]), result
        assert len(set(*files.values())) <= 2, "bytes of more than two writes"


def a_caller_who_goes_away_is_not_waited_for(server):
    for i in range(20):
        connection = server.connect()
        connection.send(server.encoded("bash", f"echo 1 > artifacts/a; sleep {i / 400}", artifacts=True))
        time.sleep(i / 400)
        connection.close()
    server.wait_idle()
    assert _files(server.run("bash", "echo 1 > artifacts/a", artifacts=True)) == {"artifacts/a": b"1\n"}


def many_at_once_get_their_own(server):
    from concurrent.futures import ThreadPoolExecutor
    def one(i):
        return _files(server.run("bash", f"echo {i} > artifacts/n; echo {i} > m", artifacts=True, output_files=["m"]))
    with ThreadPoolExecutor(16) as pool:
        for i, files in enumerate(pool.map(one, range(64))):
            assert files == {"artifacts/n": b"%d\n" % i, "m": b"%d\n" % i}, (i, files)
    server.wait_idle()
