# SPDX-License-Identifier: Apache-2.0
"""Sessions: what persists between runs, whose it is, what becomes of it when processes end, and their files' API."""

import contextlib
import json
import os
import random
import select
import signal
import threading
import time
import urllib.parse

from lib.client import encode_request, wait_until
from lib.scenario import cases
from lib.server import Server

EXECUTE = "/native/v1/execute"


def _good(reply, status=200):
    assert reply.status == status, reply
    return reply.json if reply.body else None


def _refused(reply, status, code, *words):
    assert reply.status == status and reply.json["error"]["code"] == code, reply
    assert all(word in reply.json["error"]["message"] for word in words), reply


def _make(server, key=None, **fields):
    return _good(server.post("/v1/sessions", fields, key=key), 201)


def _run(server, session, code, key=None, **fields):
    body = {"language": "python", "code": code, "session_id": session, **fields}
    return _good(server.post(EXECUTE, body, key=key))


def _says(server, session, code, **fields):
    result = _run(server, session, code, **fields)
    assert result["status"] == "ok" and result["session"]["kept"], result
    return result["stdout"]


def _path(session, name):
    return f"/v1/sessions/{session}/files/" + urllib.parse.quote(name, safe="/~")


def _put(server, session, name, content, status=201, query="", **more):
    return _good(server.request("PUT", _path(session, name) + query, content, **more), status)


def _read(server, session, name, **more):
    reply = server.get(_path(session, name), **more)
    assert reply.status == 200, reply
    return reply.body


def _names(server, session):
    return [file["url_path"] for file in _good(server.get(f"/v1/sessions/{session}/files"))["files"]]


# --- runs ---

def files_of_one_run_are_there_in_the_next(server):
    session = _make(server)["id"]
    code = ("import os\nopen('a', 'w').write('1')\nos.makedirs('d/e', 0o700)\nopen('d/e/f', 'wb').write(bytes(range(256)) * 500)\n"
            "os.symlink('a', 'l')\nopen(os.path.expanduser('~/h'), 'w').write('2')\nos.chmod('a', 0o640)\nos.utime('a', ns=(5, 1234567890123456789))")
    assert _run(server, session, code)["session"]["kept"]
    code = ("import os\nst = os.stat('a')\nprint(open('a').read(), open('d/e/f', 'rb').read() == bytes(range(256)) * 500, os.readlink('l'),"
            " open('/home/h').read(), oct(st.st_mode), st.st_mtime_ns, oct(os.stat('d/e').st_mode))")
    assert _says(server, session, code) == "1 True a 2 0o100640 1234567890123456789 0o40700\n"


def what_is_removed_stays_so(server):
    session = _make(server, files={"a/b/c": "1", "a/d": "2", "e": "3"})["id"]
    _says(server, session, "import shutil, os; shutil.rmtree('a'); os.remove('e'); open('a', 'w').write('now a file')")
    assert _names(server, session) == ["a"] and _read(server, session, "a") == b"now a file"


def a_directory_takes_the_place_of_a_file_and_the_other_way(server):
    session = _make(server, files={"x": "1", "y/z": "2"})["id"]
    _says(server, session, "import os, shutil\nos.remove('x'); os.mkdir('x'); open('x/1', 'w')\nshutil.rmtree('y'); open('y', 'w')")
    assert _names(server, session) == ["x", "x/1", "y"]


def the_program_that_came_as_code_is_not_a_file_of_the_session(server):
    session = _make(server, files={"main.py": "print('mine')"})["id"]
    assert _says(server, session, "print(open('main.py').read()[:5])") == "print\n"
    assert _read(server, session, "main.py") == b"print('mine')"
    _good(server.post(EXECUTE, {"language": "python", "session_id": session, "files": {"main.py": "1", "m.py": "x = 7"}}))
    assert _read(server, session, "main.py") == b"1" and _says(server, session, "import m; print(m.x)") == "7\n"


def a_file_of_the_session_can_be_the_program(server):
    session = _make(server, files={"p/run.py": "import sys; print('ran', sys.argv[1:])"})["id"]
    body = {"language": "python", "session_id": session, "entrypoint": "p/run.py", "args": ["x"]}
    assert _good(server.post(EXECUTE, body))["stdout"] == "ran ['x']\n"
    _refused(server.post(EXECUTE, {**body, "entrypoint": "none.py"}), 400, "invalid_field", "no such file")


def a_session_of_a_callers_own_name_is_made_by_the_way(server):
    first = _run(server, "my-own_1", "open('x', 'w')")["session"]
    assert (first["id"], first["created"], first["kept"]) == ("my-own_1", True, True), first
    second = _run(server, "my-own_1", "print(open('x'))")["session"]
    assert not second["created"] and second["expires_at"] >= first["expires_at"]


def a_session_of_our_names_is_not_made_by_the_way(server):
    _refused(server.post(EXECUTE, {"language": "python", "code": "", "session_id": "ses_01m7wzabxed5dreh89qxpcvjsq"}), 404, "not_found")


@cases("", "a/b", "x" * 65, "a.b", "\u00e9", 5, None)
def a_name_is_checked(server, name):
    _refused(server.post(EXECUTE, {"language": "python", "code": "", "session_id": name}), 400, "invalid_field", "session_id")


def environment_variables_are_the_sessions_and_a_run_may_have_its_own(server):
    session = _make(server, env={"A": "1", "B": "2"})
    assert session["env"] == ["A", "B"]
    code = "import os; print(os.environ['A'], os.environ['B'])"
    assert _says(server, session["id"], code, env={"B": "3"}) == "1 3\n"
    changed = _good(server.request("PATCH", f"/v1/sessions/{session['id']}", b'{"env": {"A": "9", "B": "8"}, "ttl_ms": 5000}'))
    assert changed["ttl_ms"] == 5000 and _says(server, session["id"], code) == "9 8\n"


def a_run_that_is_ended_by_a_limit_keeps_what_it_has_written(server):
    session = _make(server)["id"]
    result = _run(server, session, "open('x', 'w').write('1'); import time; time.sleep(60)", limits={"wall_time_ms": 300})
    assert result["status"] == "wall_timeout" and result["session"]["kept"] and _read(server, session, "x") == b"1", result


def processes_do_not_outlive_a_run(server):
    session = _make(server)["id"]
    _says(server, session, "import subprocess; subprocess.Popen(['sleep', '1000'], start_new_session=True, stdout=-3, stderr=-3)")
    assert _says(server, session, "import os; print(sum(1 for p in os.listdir('/proc') if p.isdigit()) < 4)") == "True\n"


def who_reads_the_files_is_out_of_reach_for_the_program(server):
    """It waits while the program runs, and has its user id: what would be killed here is what keeps the file."""
    session = _make(server)["id"]
    code = """import os
open('x', 'w').write('1')
for process in (-1, *range(3, 40000)):
    try: os.kill(process, 9)
    except OSError: pass
print(sorted(int(p) for p in os.listdir('/proc') if p.isdigit()) == [os.getpid()])"""
    assert _says(server, session, code) == "True\n" and _read(server, session, "x") == b"1"


def what_is_no_file_is_not_kept_and_counted(server):
    session = _make(server)["id"]
    code = "import os, socket\nos.mkfifo('f')\nsocket.socket(socket.AF_UNIX).bind('s')\nopen('ok', 'w')\nopen('no', 'w')\nos.chmod('no', 0)"
    result = _run(server, session, code)["session"]
    assert result["kept"] and result["skipped"] == 3 and _names(server, session) == ["ok"], result


def a_file_with_holes_is_too_large(server):
    session = _make(server, files={"a": "1"})["id"]
    result = _run(server, session, "[open(n, 'w').truncate(90 << 20) for n in 'xy']; open('a', 'w').write('2')")["session"]
    assert not result["kept"] and "more than" in result["message"] and _read(server, session, "a") == b"1", result


def compiled_programs_find_the_sessions_files(server):
    session = _make(server, files={"n.h": "#define N 42\n", "data": "from a file"})["id"]
    code = '#include <stdio.h>\n#include "n.h"\nint main(void){char b[20]={0};FILE*f=fopen("data","r");fread(b,1,19,f);printf("%d %s\\n",N,b);f=fopen("out","w");fputs("x",f);}'
    result = _good(server.post(EXECUTE, {"language": "c", "code": code, "session_id": session}))
    assert result["stdout"] == "42 from a file\n", result
    assert _names(server, session) == ["data", "n.h", "out"]
    _put(server, session, "n.h", b"#define N 43\n", 200)
    assert _good(server.post(EXECUTE, {"language": "c", "code": code, "session_id": session}))["stdout"].startswith("43"), "cached"


def runs_of_one_session_take_turns(server):
    session = _make(server)["id"]
    _put(server, session, "n", b"0")
    code = "n = int(open('n').read()); import time; time.sleep(0.05); open('n', 'w').write(str(n + 1))"
    threads = [threading.Thread(target=_run, args=(server, session, code)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _read(server, session, "n") == b"8"


def a_run_whose_caller_has_gone_leaves_nothing(server):
    session = _make(server)["id"]
    body = json.dumps({"language": "python", "code": "open('x', 'w').write('1'); import time; time.sleep(30)", "session_id": session})
    with server.connect() as connection:
        connection.send(f"POST {EXECUTE} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {server.key}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        time.sleep(0.5)
    assert _says(server, session, "import os; print(os.listdir('.'))") == "['main.py']\n"


def names_of_any_bytes_come_back(server):
    session = _make(server)["id"]
    names = [b"new\nline", b"\xff\xfe", b"x" * 255, b"a b%2F?#&", b"\x01\x7f", "\u00fcml\u00e4ut".encode(), b"-rf", b"..."]
    code = f"for n in {names!r}: open(n, 'wb').write(n)\nimport os; os.mkdir(b'd\\xff'); open(b'd\\xff/' + b'y' * 255, 'w')"
    _says(server, session, code)
    found = [urllib.parse.unquote_to_bytes(name) for name in _names(server, session)]
    assert found == sorted(names + [b"d\xff", b"d\xff/" + b"y" * 255]), found
    for name in names:
        url = f"/v1/sessions/{session}/files/" + urllib.parse.quote_from_bytes(name, safe="")
        assert server.get(url).body == name
        assert server.request("PUT", url, name[::-1]).status == 200
    assert _says(server, session, f"print(all(open(n, 'rb').read() == n[::-1] for n in {names!r}))") == "True\n"


# --- files ---

def a_file_is_put_read_and_deleted(server):
    session = _make(server)["id"]
    made = _put(server, session, "a/b.txt", b"hello", query="?mode=750")
    assert (made["path"], made["size_bytes"], made["mode"], made["type"]) == ("a/b.txt", 5, "0750", "file"), made
    reply = server.get(_path(session, "a/b.txt"))
    assert reply.body == b"hello" and reply.header("etag") == made["etag"] and reply.header("content-length") == "5"
    again = _put(server, session, "a/b.txt", b"other", 200)
    assert again["etag"] != made["etag"]
    assert _says(server, session, "print(open('a/b.txt').read())") == "other\n"
    assert server.request("DELETE", _path(session, "a")).status == 204 and _names(server, session) == []
    _refused(server.get(_path(session, "a/b.txt")), 404, "not_found")
    _refused(server.request("DELETE", _path(session, "a")), 404, "not_found")


def files_of_the_home_are_below_a_tilde(server):
    session = _make(server)["id"]
    _put(server, session, "~/.config/x", b"1")
    assert _says(server, session, "import os; print(open(os.path.expanduser('~/.config/x')).read())") == "1\n"
    assert _names(server, session) == ["~/.config", "~/.config/x"]


@cases(("bytes=0-1", 206, b"01"), ("bytes=3-", 206, b"3456789"), ("bytes=-2", 206, b"89"), ("bytes=5-100", 206, b"56789"),
       ("bytes=-100", 206, b"0123456789"), ("bytes=2-1", 200, b"0123456789"), ("bytes=0-1,3-4", 200, b"0123456789"), ("lines=1-2", 200, b"0123456789"))
def a_range_is_what_was_asked_for(server, wanted, status, content):
    session = _make(server, files={"f": "0123456789"})["id"]
    reply = server.request("GET", _path(session, "f"), headers=(*server.auth(), ("Range", wanted)))
    assert (reply.status, reply.body) == (status, content), reply
    if status == 206:
        assert reply.header("content-range").endswith("/10"), reply


def a_range_beyond_the_end_is_refused(server):
    session = _make(server, files={"f": "0123456789"})["id"]
    _refused(server.request("GET", _path(session, "f"), headers=(*server.auth(), ("Range", "bytes=10-"))), 416, "range_not_satisfiable")


def what_a_client_has_already_is_not_sent_again(server):
    session = _make(server, files={"f": "0123456789"})["id"]
    etag = server.get(_path(session, "f")).header("etag")
    assert server.request("GET", _path(session, "f"), headers=(*server.auth(), ("If-None-Match", etag))).status == 304
    ranged = (*server.auth(), ("Range", "bytes=0-0"))
    assert server.request("GET", _path(session, "f"), headers=(*ranged, ("If-Range", etag))).body == b"0"
    assert server.request("GET", _path(session, "f"), headers=(*ranged, ("If-Range", '"x"'))).body == b"0123456789"
    head = server.request("HEAD", _path(session, "f"))
    assert head.status == 200 and head.header("content-length") == "10" and head.body == b""


def large_files_come_whole(server):
    session = _make(server)["id"]
    content = random.Random(1).randbytes(20 << 20)
    _put(server, session, "big", content)
    assert _read(server, session, "big") == content
    assert _says(server, session, "import hashlib; print(hashlib.sha256(open('big', 'rb').read()).hexdigest())").strip() == __import__("hashlib").sha256(content).hexdigest()


@cases("a/../b", "a//b", "a/./b", "x" * 256, "/".join(["y" * 200] * 6), "~/..", "a%00b")
def a_path_is_checked(server, path):
    session = _make(server)["id"]
    for method in ("GET", "PUT", "DELETE"):
        _refused(server.request(method, f"/v1/sessions/{session}/files/{path}"), 400, "invalid_field")


def no_link_is_followed(server):
    session = _make(server, files={"d/f": "1"})["id"]
    _says(server, session, "import os; os.symlink('d', 'l'); os.symlink('/etc/passwd', 'p')")
    for method, path in (("GET", "l/f"), ("PUT", "l/f"), ("DELETE", "l/f"), ("GET", "p"), ("PUT", "d/f/x")):
        _refused(server.request(method, _path(session, path)), 409, "conflict")
    assert [f["target"] for f in _good(server.get(f"/v1/sessions/{session}/files"))["files"] if f["type"] == "link"] == ["d", "/etc/passwd"]


def the_quota_is_exact(server):
    session = _make(server, limits={"disk_bytes": 65536})["id"]
    _put(server, session, "a", b"x" * (65536 - 4096))
    _put(server, session, "b", b"x" * 4096)
    _refused(server.request("PUT", _path(session, "c"), b"x"), 400, "limit_exceeded", "65536")
    _put(server, session, "b", b"x" * 4095, 200)
    listed = _good(server.get(f"/v1/sessions/{session}/files"))
    assert listed["used_bytes"] == listed["disk_bytes"] == 65536, listed
    result = _run(server, session, "open('c', 'w').write('x')")
    assert result["status"] == "disk_limit", result


# --- making, listing, ending ---

def a_session_is_shown_as_it_was_made(server):
    made = _make(server, language="python", ttl_ms=60000, limits={"memory_bytes": 100000000}, env={"A": "b"}, files={"x": "12"})
    assert made["id"].startswith("ses_") and made["limits"] == {"memory_bytes": 100000000} and made["language"] == "python", made
    assert (made["used_bytes"], made["files"], made["ttl_ms"], made["env"]) == (4096, 1, 60000, ["A"]), made
    shown = _good(server.get(f"/v1/sessions/{made['id']}"))
    assert shown == made and made["id"] in [s["id"] for s in _good(server.get("/v1/sessions"))["sessions"]]


def limits_of_a_session_hold_for_its_runs(server):
    session = _make(server, limits={"wall_time_ms": 300})["id"]
    assert _run(server, session, "import time; time.sleep(20)")["status"] == "wall_timeout"


def limits_above_the_presets_hold_as_well_and_a_run_may_ask_for_less(server):
    session = _make(server, limits={"disk_bytes": 300 << 20, "memory_bytes": 1 << 30, "wall_time_ms": 60000})["id"]
    code = "import os; v = os.statvfs('.'); print(v.f_blocks * v.f_frsize >> 20)"
    assert _says(server, session, code) == "300\n" and _says(server, session, code, limits={"disk_bytes": 200 << 20}) == "200\n"
    assert _says(server, session, "x = b'x' * (700 << 20); open('large', 'wb').write(x[:150 << 20]); print(1)") == "1\n"
    assert _run(server, session, "x = b'x' * (700 << 20)", limits={"memory_bytes": 512 << 20})["status"] == "memory_limit"


def a_deleted_session_is_gone(server):
    session = _make(server, files={"x": "1"})["id"]
    assert _good(server.request("DELETE", f"/v1/sessions/{session}")) == {"id": session, "deleted": True}
    _refused(server.get(f"/v1/sessions/{session}"), 404, "not_found")
    _refused(server.get(_path(session, "x")), 404, "not_found")
    _refused(server.request("DELETE", f"/v1/sessions/{session}"), 404, "not_found")


def an_id_of_ones_own_is_taken_once(server):
    _make(server, id="mine")
    _refused(server.post("/v1/sessions", {"id": "mine"}), 409, "conflict")
    _refused(server.post("/v1/sessions", {"id": "ses_x"}), 400, "invalid_field")


def a_session_that_was_not_used_ends_and_says_so():
    with Server({"session_idle_ms": 1000}) as server:
        session = _make(server, files={"x": "1"})["id"]
        _run(server, "own", "open('x', 'w')")
        time.sleep(2.5)
        _refused(server.get(f"/v1/sessions/{session}"), 410, "gone", "not used")
        _refused(server.post(EXECUTE, {"language": "python", "code": "", "session_id": session}), 410, "gone")
        assert _run(server, "own", "import os; print(os.listdir('.'))")["session"]["created"]
        deadline = time.time() + 20
        while os.listdir(os.path.join(server.settings["state_dir"], "db/packs")):
            assert time.time() < deadline, "packs of ended sessions stay"
            time.sleep(0.2)
        _refused(server.get(f"/v1/sessions/{session}"), 410, "gone", "not used")


def a_session_whose_files_are_lost_says_so():
    with Server() as server:
        session = _make(server, files={"x": "1"})["id"]
        server.stop()
        packs = os.path.join(server.settings["state_dir"], "db/packs")
        for name in os.listdir(packs):
            os.truncate(os.path.join(packs, name), 3)
        server.start()
        _refused(server.get(_path(session, "x")), 410, "gone", "lost")
        _refused(server.get(_path(session, "x")), 410, "gone", "lost")


def sessions_are_capped_and_those_made_by_the_way_make_room():
    with Server({"sessions_per_key_max": 3}) as server:
        kept = [_make(server)["id"] for _ in range(2)]
        for name in ("one", "two"):
            _run(server, name, "")
        assert _good(server.get(f"/v1/sessions/two"))["id"] == "two"
        kept.append(_make(server)["id"])
        _refused(server.post("/v1/sessions", {}), 400, "limit_exceeded")
        assert {s["id"] for s in _good(server.get("/v1/sessions"))["sessions"]} == set(kept)


# --- snapshots ---

def a_snapshot_is_the_session_as_it_was(server):
    session = _make(server, files={"x": "1"}, env={"A": "b"})["id"]
    snapshot = _good(server.post(f"/v1/sessions/{session}/snapshot", {}), 201)
    assert snapshot["id"].startswith("snp_") and snapshot["session_id"] == session, snapshot
    _put(server, session, "x", b"2", 200)
    fork = _make(server, **{"from": snapshot["id"]})["id"]
    assert _read(server, fork, "x") == b"1" and _says(server, fork, "import os; print(os.environ['A'])") == "b\n"
    _put(server, fork, "x", b"3", 200)
    server.request("DELETE", f"/v1/sessions/{session}")
    assert _read(server, _make(server, **{"from": snapshot["id"]})["id"], "x") == b"1"
    assert snapshot in _good(server.get("/v1/snapshots"))["snapshots"]
    assert _good(server.get(f"/v1/snapshots/{snapshot['id']}")) == snapshot
    _good(server.request("DELETE", f"/v1/snapshots/{snapshot['id']}"))
    _refused(server.post("/v1/sessions", {"from": snapshot["id"]}), 404, "not_found")
    assert _read(server, fork, "x") == b"3"


# --- whose ---

def what_is_one_keys_does_not_exist_for_another():
    with Server(keys=2) as server:
        mine, other = server.keys
        session = _make(server, key=mine, files={"x": "1"})["id"]
        snapshot = _good(server.post(f"/v1/sessions/{session}/snapshot", {}, key=mine), 201)["id"]
        _run(server, "shared-name", "open('x', 'w').write('mine')", key=mine)
        for method, path in (("GET", ""), ("DELETE", ""), ("PATCH", ""), ("GET", "/files"), ("GET", "/files/x"), ("PUT", "/files/x"),
                             ("DELETE", "/files/x"), ("POST", "/snapshot")):
            _refused(server.request(method, f"/v1/sessions/{session}{path}", b"{}" if method in ("PATCH", "POST") else None, key=other), 404, "not_found")
        for method in ("GET", "DELETE"):
            _refused(server.request(method, f"/v1/snapshots/{snapshot}", key=other), 404, "not_found")
        _refused(server.post("/v1/sessions", {"from": snapshot}, key=other), 404, "not_found")
        _refused(server.post(EXECUTE, {"language": "python", "code": "", "session_id": session}, key=other), 404, "not_found")
        assert _good(server.get("/v1/sessions", key=other))["sessions"] == []
        result = _run(server, "shared-name", "import os; print(os.listdir('.'))", key=other)
        assert result["session"]["created"] and result["stdout"] == "['main.py']\n", result
        assert _read(server, session, "x", key=mine) == b"1"


# --- what ends ---

CRASH_RUN = """import os, sys
n = int(open('n').read()) + 1 if os.path.exists('n') else 1
for i in range(4):
    open(f'f{i}', 'wb').write((b'%d %d\\n' % (n, i)) * 3000)
os.makedirs('d', exist_ok=True)
open(f'd/{n}', 'w').write(str(n))
open('n', 'w').write(str(n))"""


def _check(server, name, possible):
    """The session is as it was after one of these runs, whole."""
    n = int(_read(server, name, "n"))
    assert n in possible, (name, n, possible)
    for i in range(4):
        assert _read(server, name, f"f{i}") == b"%d %d\n" % (n, i) * 3000, (name, n, i)
    for k in range(1, n + 1):
        assert _read(server, name, f"d/{k}") == str(k).encode()


def _use(server, names, state, until):
    while time.time() < until:
        name = random.choice(names)
        try:
            reply = server.post(EXECUTE, {"language": "python", "code": CRASH_RUN, "session_id": name}, timeout=60)
        except OSError:
            reply = None
        if reply and reply.status == 200 and reply.json["session"]["kept"] and reply.json["status"] == "ok":
            state[name] = {n + 1 for n in state[name]}
        elif reply is None or reply.status >= 500 or reply.status == 200:
            state[name] |= {max(state[name]) + 1}
        else:
            raise AssertionError(reply)
        if len(state[name]) > 1:
            try:
                state[name] = {int(_read(server, name, "n"))} & state[name]
            except (OSError, AssertionError):
                pass
            assert state[name], name


@contextlib.contextmanager
def _while_it_is_kept(server, session):
    """
    A connection whose file "b" has been given to the store, and its content: it stands still until it is let go on, so
    that nobody knows whether it has been kept.
    """
    packs, store = f"{server.dir}/state/db/packs", server.pid_of("store")

    def new():
        return [f"{packs}/{name}" for name in os.listdir(packs) if name.startswith("new-")]

    def written():
        """all of the pack is in its file"""
        return os.stat(new()[0]).st_size >= len(content)

    for _ in range(20):
        content = random.randbytes(24 << 20)
        with server.connect() as connection:
            sender = threading.Thread(
                target=connection.send, args=(encode_request("PUT", _path(session, "b"), content, server.auth()),))
            sender.start()
            while not new() and not select.select([connection.sock], [], [], 0)[0]:
                pass
            os.kill(store, signal.SIGSTOP)
            try:
                sender.join()
                time.sleep(0.1)
                if new():
                    wait_until(written)
                    time.sleep(0.3)
                    yield connection, content
                    return
            finally:
                os.kill(store, signal.SIGCONT)
            connection.receive()
    raise AssertionError("the store was too quick each time")


def a_change_whose_end_nobody_has_seen_is_one_for_all_or_for_none():
    with Server() as server:
        session = _make(server, files={"a": "1"})["id"]
        with _while_it_is_kept(server, session) as (connection, content):
            connection.sock.close()
            wait_until(lambda: server.metrics()["sandglass_connections_open"] == 1)
        seen = server.get(_path(session, "b"))
        assert _says(server, session, "import os; print(os.path.exists('b'))") == "True\n"
        server.wait_restarted("front", server.kill("front"))
        assert seen.status == 200 and seen.body == content == _read(server, session, "b"), seen.status


def looking_while_it_is_kept_neither_undoes_it_nor_counts_for_nothing():
    with Server() as server:
        session = _make(server, ttl_ms=20000)["id"]
        with _while_it_is_kept(server, session) as (connection, content):
            for _ in range(20):
                _good(server.get(f"/v1/sessions/{session}"))
                time.sleep(0.05)
            looked_ms = time.time() * 1000
            os.kill(server.pid_of("store"), signal.SIGCONT)
            assert connection.receive().status == 201
        with server.database() as database:
            def lives():
                """it lives for its time after the last look"""
                (expires_ms,), = database.execute("SELECT expires_ms FROM documents WHERE id = ?", (session,))
                return expires_ms >= looked_ms + 20000

            wait_until(lives, 10)
        server.wait_restarted("front", server.kill("front"))
        assert _read(server, session, "b") == content


def every_file_is_whole_whichever_process_is_killed():
    with Server({"slots_ready": 4, "queue_max": 10000}) as server:
        names = [f"s{i}" for i in range(200)]
        state = {name: {0} for name in names}
        threads, failures = [], []
        for part in range(4):
            def use(own=names[part::4]):
                try:
                    for name in own:
                        _use(server, [name], state, 0)
                    _use(server, own, state, time.time() + 12)
                except BaseException as failure:
                    failures.append(failure)
            threads.append(threading.Thread(target=use))
        for thread in threads:
            thread.start()
        for role in ("store", "front", "spawner") * 3:
            time.sleep(1.2)
            server.wait_restarted(role, server.kill(role))
        for thread in threads:
            thread.join()
        assert not failures, failures
        there = [name for name in names if _good_or_none(server, name)]
        assert len(there) > 100, len(there)
        for name in there:
            _check(server, name, state[name])


def _good_or_none(server, name):
    reply = server.get(_path(name, "n"))
    assert reply.status in (200, 404), reply
    return reply.status == 200
