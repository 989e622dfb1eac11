# SPDX-License-Identifier: Apache-2.0
"""The command line's verbs of sessions, and runs in them."""

import io
import json
import os
import subprocess
import tarfile

from lib.scenario import cases
from lib.server import Server


def _cli(server, *words, stdin=b"", **env):
    return server.cli(*words, stdin=stdin, env={"SANDGLASS_URL": f"http://127.0.0.1:{server.listening_port()}", "SANDGLASS_API_KEY": server.key, **env})


def _good(server, *words, stdin=b""):
    """What it prints."""
    done = _cli(server, *words, stdin=stdin)
    assert (done.returncode, done.stderr) == (0, b""), done
    return done.stdout


def _sessions(server, *words, stdin=b""):
    return _good(server, "sessions", *words, stdin=stdin)


def _make(server, *words):
    return _sessions(server, "create", *words).decode().strip()


def _exec(server, session, code, *words):
    return _good(server, "exec", "--session", session, "--runtime", "python", *words, code)


def runs_of_a_session_find_each_others_files(server):
    session = _make(server)
    assert session.startswith("ses_")
    assert _exec(server, session, "open('x', 'w').write('kept')") == b""
    assert _exec(server, session, "print(open('x').read())") == b"kept\n"
    assert _exec(server, "a-name", "open('y', 'w')") == b"" and _exec(server, "a-name", "import os; print(os.path.exists('y'))") == b"True\n"


def what_was_not_kept_is_told(server):
    session = _make(server, "--disk", "64K")
    done = _cli(server, "exec", "--session", session, "--runtime", "python", "[open(n, 'w').truncate(60 << 10) for n in 'xy']; print(1)")
    assert done.stdout == b"1\n" and done.stderr.startswith(b"sandglass: the session's files are as they were before: "), done
    assert len(done.stderr.splitlines()) == 1, done


def a_session_is_made_shown_listed_and_ended(server):
    session = _make(server, "--id", "mine", "--ttl", "90s", "--env", "A=b=c", "--memory", "64M", "--timeout", "2", "--language", "python")
    assert session == "mine" and _exec(server, session, "import os; print(os.environ['A'])") == b"b=c\n"
    shown = json.loads(_sessions(server, "show", session, "--json"))
    assert (shown["ttl_ms"], shown["env"], shown["limits"]) == (90000, ["A"], {"memory_bytes": 64 << 20, "wall_time_ms": 2000}), shown
    text = dict(line.split(None, 1) for line in _sessions(server, "show", session).decode().splitlines())
    assert text["ttl_ms"] == "90000" and json.loads(text["limits"]) == shown["limits"], text
    listed = json.loads(_sessions(server, "list", "--json"))
    assert session in [row["id"] for row in listed["sessions"]]
    assert any(line.startswith(b"mine ") for line in _sessions(server, "list").splitlines())
    other = _make(server)
    assert _sessions(server, "delete", session, other) == b""
    for name in (session, other):
        done = _cli(server, "sessions", "show", name)
        assert done.returncode == 65 and b"no session" in done.stderr, done


def files_are_put_listed_read_and_removed(server):
    session = _make(server)
    content = bytes(range(256)) * 5000
    assert _sessions(server, "put", session, "d/a b%+\u00fc.bin", "--mode", "700", stdin=content) == b""
    assert _sessions(server, "get", session, "d/a b%+\u00fc.bin") == content
    path = os.path.join(server.dir, "file")
    _sessions(server, "get", session, "d/a b%+\u00fc.bin", "-o", path)
    with open(path, "rb") as file:
        assert file.read() == content
    _sessions(server, "put", session, "~/x", "-i", path)
    made = json.loads(_sessions(server, "put", session, "empty", "--json", stdin=b""))
    assert (made["path"], made["size_bytes"]) == ("empty", 0)
    _sessions(server, "get", session, "empty", "-o", path)
    assert os.path.getsize(path) == 0
    rows = [line.split(None, 3) for line in _sessions(server, "files", session).decode().splitlines()[1:]]
    assert [(row[0], row[1], row[3]) for row in rows] == [
        ("0755", "-", "d/"), ("0700", "1280000", "d/a b%+\u00fc.bin"), ("0644", "0", "empty"), ("0644", "1280000", "~/x")], rows
    assert len(json.loads(_sessions(server, "files", session, "--json"))["files"]) == 4
    _sessions(server, "remove", session, "d", "empty")
    assert len(json.loads(_sessions(server, "files", session, "--json"))["files"]) == 1


def larger_files_than_a_body_go_both_ways(server):
    session, content = _make(server), os.urandom(40 << 20)
    _sessions(server, "put", session, "big", stdin=content)
    assert _sessions(server, "get", session, "big") == content


def a_file_is_not_emptied_for_an_error(server):
    path = os.path.join(server.dir, "precious")
    with open(path, "w", encoding="utf-8") as file:
        file.write("content")
    done = _cli(server, "sessions", "get", _make(server), "none", "-o", path)
    assert done.returncode == 65 and len(done.stderr.splitlines()) == 1, done
    with open(path, encoding="utf-8") as file:
        assert file.read() == "content"


def directories_go_in_and_out_as_archives(server):
    root, out = (os.path.join(server.dir, name) for name in ("in", "out"))
    os.makedirs(os.path.join(root, "d"))
    os.mkdir(out)
    for name in ("a", "d/b"):
        with open(os.path.join(root, name), "w", encoding="utf-8") as file:
            file.write(name)
    session = _make(server)
    body = subprocess.run(["tar", "-c", "-C", root, "."], capture_output=True, check=True).stdout
    answer = json.loads(_sessions(server, "put", session, "--tar", "--json", stdin=body))
    assert answer["entries"] == 3, answer
    _sessions(server, "put", session, "--tar", "below", stdin=body)
    assert _exec(server, session, "print(open('d/b').read(), open('below/d/b').read())") == b"d/b d/b\n"
    subprocess.run(["tar", "-x", "-C", out], input=_sessions(server, "get", session, "--tar", "below"), check=True)
    with open(os.path.join(out, "d/b"), encoding="utf-8") as file:
        assert file.read() == "d/b"


def snapshots_are_made_and_forked(server):
    session = _make(server, "--env", "A=1")
    _sessions(server, "put", session, "x", stdin=b"1")
    snapshot = _sessions(server, "snapshot", session).decode().strip()
    _sessions(server, "put", session, "x", stdin=b"2")
    assert snapshot.startswith("snp_") and snapshot.encode() in _sessions(server, "snapshots")
    for words in (("fork", snapshot), ("create", "--from", snapshot)):
        fork = _sessions(server, *words).decode().strip()
        assert _exec(server, fork, "import os; print(open('x').read(), os.environ['A'])") == b"1 1\n"
    with tarfile.open(fileobj=io.BytesIO(_sessions(server, "get", snapshot, "--tar"))) as archive:
        assert archive.extractfile("x").read() == b"1"
    assert json.loads(_sessions(server, "files", snapshot, "--json"))["files"][0]["path"] == "x" and _sessions(server, "get", snapshot, "x") == b"1"
    before = len(json.loads(_sessions(server, "snapshots", "--json"))["snapshots"])
    fork = _sessions(server, "fork", session, "--id", "forked").decode().strip()
    assert fork == "forked" and _sessions(server, "get", fork, "x") == b"2"
    assert len(json.loads(_sessions(server, "snapshots", "--json"))["snapshots"]) == before
    _sessions(server, "delete", snapshot)
    assert _cli(server, "sessions", "show", snapshot).returncode == 65


def an_interpreter_that_stays_is_interrupted_and_restarted(server):
    session = _make(server, "--stateful")
    assert _exec(server, session, "x = 5") == b"" and b"5" in _exec(server, session, "print(x)")
    _sessions(server, "restart", session)
    assert b"NameError" in _cli(server, "exec", "--session", session, "--runtime", "python", "print(x)").stderr


@cases((("show",), 64), (("show", "a/b"), 64), (("show", "none"), 65), (("get", "none"), 64), (("put", "none", "x", "-i", "/no/such"), 66),
       (("put", "none", "x"), 65), (("put", "x", "--tar", "--mode", "755"), 64), (("create", "--env", "x"), 64), (("create", "--id", "ses_1"), 64),
       (("nonsense",), 64), (("fork", "snp_none"), 65), (("delete", "none"), 65), (("create", "--ttl", "soon"), 64))
def errors_are_one_line_and_a_status(server, words, status):
    done = _cli(server, "sessions", *words)
    lines = done.stderr.decode().splitlines()
    assert (done.returncode, done.stdout, len(lines)) == (status, b"", 1) and lines[0].startswith("sandglass: "), done


def a_server_is_needed():
    with Server(start=False, keys=0) as server:
        for words in (("sessions", "list"), ("exec", "--session", "x", "--runtime", "python", "1")):
            done = server.cli(*words)
            assert done.returncode == 64 and b"--server" in done.stderr and len(done.stderr.splitlines()) == 1, done


def help_and_completion_know_them(server):
    for verb in ("create", "files", "get", "put", "remove", "snapshot", "fork"):
        assert b"usage: sandglass sessions " + verb.encode() in server.cli("sessions", verb, "--help").stdout
    assert b"'sessions put'" in server.cli("completion", "bash").stdout and b"--session " in server.cli("completion", "bash").stdout
