# SPDX-License-Identifier: Apache-2.0
"""Files of sessions as tar archives: what comes out other programs read, what others write goes in, and what may not."""

import contextlib
import io
import os
import pathlib
import subprocess
import tarfile
import tempfile
import threading
import time

from lib.client import Closed, encode_request, wait_until
from lib.scenario import cases
from lib.server import Server

EXECUTE = "/native/v1/execute"
NAMES = [b"plain", b"new\nline", b"\xff\xfe", b"x" * 255, b"a b%2F?#&+=", b"\x01\x7f", "\u00fcml\u00e4ut".encode(), b"-rf", b"d/" + b"y" * 255,
         b"/".join([b"z" * 200] * 5)]


def _session(server, **fields):
    reply = server.post("/v1/sessions", fields)
    assert reply.status == 201, reply
    return reply.json["id"]


def _run(server, session, code, **fields):
    reply = server.post(EXECUTE, {"language": "python", "code": code, "session_id": session, **fields})
    assert reply.status == 200 and reply.json["status"] == "ok" and reply.json["session"]["kept"], reply
    return reply.json["stdout"]


def _put(server, session, body, query="", status=200, headers=()):
    headers = (("Content-Type", "application/x-tar"), *headers) if "Content-Type" not in dict(headers) else headers
    reply = server.request("PUT", f"/v1/sessions/{session}/files{query}", body, headers=(*server.auth(), *headers))
    assert reply.status == status, reply
    return reply.json


def _get(server, session, query="?format=tar"):
    reply = server.get(f"/v1/sessions/{session}/files{query}")
    assert reply.status == 200 and reply.header("content-type") == "application/x-tar", reply
    return reply.body


def _files(server, session):
    return server.get(f"/v1/sessions/{session}/files").json["files"]


def _names(server, session):
    return [file["url_path"] for file in _files(server, session)]


def _tar(*members, form=tarfile.PAX_FORMAT):
    """Of (name, content) or whole TarInfos."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for member in members:
            info, content = member if isinstance(member, tuple) else (member, b"")
            if isinstance(info, str):
                info = tarfile.TarInfo(info)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def _member(name, kind, **more):
    info = tarfile.TarInfo(name)
    info.type = kind
    for field, value in more.items():
        setattr(info, field, value)
    return info


def _made(server):
    """A session with every kind of file and name."""
    session = _session(server)
    code = (f"import os\nos.mkdir('d', 0o750)\nfor n in {NAMES!r}:\n    os.makedirs(os.path.dirname(n) or b'.', exist_ok=True)\n"
            "    open(n, 'wb').write(n * 3)\n    os.utime(n, ns=(5, 1234567890123456789))\n"
            "os.chmod('plain', 0o640)\nos.symlink('plain', 'link')\nos.symlink('/etc/passwd', 'outside')\nos.symlink(b'\\xff' * 200, 'far')\n"
            "os.makedirs(os.path.expanduser('~/.config'))\nopen(os.path.expanduser('~/.config/x'), 'w').write('home')\n"
            "open('big', 'wb').write(bytes(range(256)) * 20000)")
    _run(server, session, code)
    return session


def _check_tree(root):
    for name in NAMES:
        path = os.path.join(os.fsencode(root), name)
        with open(path, "rb") as file:
            assert file.read() == name * 3, name
    assert os.stat(os.path.join(root, "plain")).st_mode & 0o7777 == 0o640 and os.stat(os.path.join(root, "d")).st_mode & 0o7777 == 0o750
    assert os.readlink(os.path.join(root, "outside")) == "/etc/passwd" and os.readlink(os.path.join(os.fsencode(root), b"far")) == b"\xff" * 200
    assert pathlib.Path(root, "~/.config/x").read_text() == "home" and pathlib.Path(root, "big").read_bytes() == bytes(range(256)) * 20000


# --- out ---

def gnu_tar_reads_what_comes_out(server):
    body = _get(server, _made(server))
    with tempfile.TemporaryDirectory() as root:
        done = subprocess.run(["tar", "-x", "-p", "-C", root], input=body, capture_output=True, check=False)
        assert done.returncode == 0, done
        _check_tree(root)
        assert os.stat(os.path.join(root, "plain")).st_mtime_ns == 1234567890123456789
    listed = subprocess.run(["tar", "-t"], input=_get(server, _session(server, files={"a/b": "1"})), capture_output=True, check=True)
    assert (listed.stdout, listed.stderr) == (b"a/\na/b\n", b""), listed


def pythons_tarfile_reads_what_comes_out(server):
    body = _get(server, _made(server))
    with tarfile.open(fileobj=io.BytesIO(body)) as archive:
        found = {os.fsencode(member.name): member for member in archive}
        for name in NAMES:
            assert archive.extractfile(found[name]).read() == name * 3, name
        assert found[b"link"].linkname == "plain" and found[b"d"].isdir() and found[b"plain"].mode == 0o640
        assert abs(found[b"plain"].mtime - 1234567890.123456789) < 1e-6


def the_length_is_known_before(server):
    session = _session(server, files={"a": "1" * 700, "d/b": ""})
    head = server.request("HEAD", f"/v1/sessions/{session}/files?format=tar")
    body = _get(server, session)
    assert head.status == 200 and int(head.header("content-length")) == len(body) and head.body == b"", head
    assert len(body) % 512 == 0 and head.header("content-disposition") == f'attachment; filename="{session}.tar"', head


def accept_asks_for_it_as_well(server):
    session = _session(server, files={"a": "1"})
    reply = server.request("GET", f"/v1/sessions/{session}/files", headers=(*server.auth(), ("Accept", "application/x-tar")))
    assert reply.body == _get(server, session) and reply.header("content-type") == "application/x-tar"
    assert server.get(f"/v1/sessions/{session}/files?format=zip").json["error"]["field"] == "format"


def a_directory_alone_has_names_that_begin_in_it(server):
    session = _session(server, files={"d/a": "1", "d/e/f": "2", "d-x": "3", "dd": "4", "a": "5"})
    _run(server, session, "import os; open(os.path.expanduser('~/h'), 'w')")
    rows = {"d": ["a", "e", "e/f"], "d/": ["a", "e", "e/f"], "d%2Fe": ["f"], "~": ["h"], "": ["a", "d", "d-x", "d/a", "d/e", "d/e/f", "dd", "~/h"]}
    for path, names in rows.items():
        with tarfile.open(fileobj=io.BytesIO(_get(server, session, f"?format=tar&path={path}"))) as archive:
            assert archive.getnames() == names, path


@cases(("a", 409), ("none", 404), ("a/b", 409), ("..", 400), ("/etc", 400), ("l", 409), ("l/x", 409))
def what_is_no_directory_is_refused(server, path, status):
    session = _session(server, files={"a": "1"})
    _run(server, session, "import os; os.symlink('/', 'l')")
    assert server.get(f"/v1/sessions/{session}/files?format=tar&path={path}").status == status


def an_empty_session_is_an_empty_archive(server):
    with tarfile.open(fileobj=io.BytesIO(_get(server, _session(server)))) as archive:
        assert archive.getnames() == []


def a_slow_reader_gets_all_of_it_as_it_was(server):
    session = _session(server)
    _run(server, session, "import random; open('big', 'wb').write(random.Random(1).randbytes(30 << 20))")
    with server.connect() as connection:
        lines = [f"GET /v1/sessions/{session}/files?format=tar HTTP/1.1", "Host: a", f"Authorization: Bearer {server.key}"]
        connection.send("\r\n".join(lines).encode() + b"\r\n\r\n")
        assert server.request("DELETE", f"/v1/sessions/{session}/files/big").status == 204
        reply = connection.receive()
    import random
    with tarfile.open(fileobj=io.BytesIO(reply.body)) as archive:
        assert archive.extractfile("big").read() == random.Random(1).randbytes(30 << 20)


def so_many_archives_are_on_their_way_and_no_more():
    with Server() as server, contextlib.ExitStack() as stack:
        session = _session(server)
        _put(server, session, _tar(("big", b"x" * (20 << 20))))
        request = encode_request("GET", f"/v1/sessions/{session}/files?format=tar", None, server.auth())
        for _ in range(256):
            connection = stack.enter_context(server.connect())
            connection.send(request)
            assert connection.sock.recv(12) == b"HTTP/1.1 200"
        refused = server.get(f"/v1/sessions/{session}/files?format=tar")
        assert refused.status == 429 and refused.error["code"] == "queue_full", refused
        stack.close()
        wait_until(lambda: server.get(f"/v1/sessions/{session}/files?format=tar").status == 200)


# --- in ---

def what_has_come_out_goes_in_again(server):
    first = _made(server)
    second = _session(server)
    _put(server, second, _get(server, first))
    both = [[{k: v for k, v in file.items()} for file in _files(server, session)] for session in (first, second)]
    assert both[0] == both[1]
    assert _get(server, first)[:10240].count(b"mtime=1234567890.123456789") > 0
    assert _run(server, second, "import os; print(os.stat('plain').st_mtime_ns)") == "1234567890123456789\n"


@cases("pax", "gnu", "ustar", "v7", "posix")
def what_gnu_tar_writes_goes_in(server, form):
    session = _session(server)
    with tempfile.TemporaryDirectory() as root:
        names = ["a", "d/" + "y" * 90, "e/f/g"] + (["n" * 200, "d/" + "\u00fc" * 100, "new\nline"] if form in ("pax", "gnu", "posix") else [])
        for name in names:
            pathlib.Path(root, name).parent.mkdir(parents=True, exist_ok=True)
            pathlib.Path(root, name).write_text(name)
        os.symlink("a", os.path.join(root, "link"))
        os.link(os.path.join(root, "a"), os.path.join(root, "hard"))
        body = subprocess.run(["tar", "-c", f"--format={form}", "-C", root, "."], capture_output=True, check=True).stdout
    _put(server, session, body)
    code = f"import os\nassert all(open(n).read() == n for n in {names!r})\nprint(os.readlink('link'), open('hard').read())"
    assert _run(server, session, code) == "a a\n"


@cases(tarfile.PAX_FORMAT, tarfile.GNU_FORMAT)
def what_pythons_tarfile_writes_goes_in(server, form):
    session = _session(server)
    names = [name.decode("utf-8", "surrogateescape") for name in NAMES]
    _put(server, session, _tar(*[(name, os.fsencode(name)) for name in names], form=form))
    assert _run(server, session, f"print(all(open(n, 'rb').read() == n for n in {NAMES!r}))") == "True\n"


def it_is_put_below_a_directory(server):
    session = _session(server, files={"d/old": "1"})
    answer = _put(server, session, _tar(("x/y", b"2"), ("old2", b"3")), "?path=d/e%20f")
    assert answer == {"entries": 4, "used_bytes": 12288, "disk_bytes": answer["disk_bytes"]}, answer
    assert _names(server, session) == ["d", "d/e%20f", "d/e%20f/old2", "d/e%20f/x", "d/e%20f/x/y", "d/old"]
    _put(server, session, _tar(("h", b"4")), "?path=~")
    assert _run(server, session, "import os; print(open(os.path.expanduser('~/h')).read())") == "4\n"


def files_of_the_same_name_are_replaced_and_others_stay(server):
    session = _session(server, files={"a": "1", "b": "2"})
    _put(server, session, _tar(("a", b"3"), ("c", b"4")))
    assert _run(server, session, "print(*[open(n).read() for n in 'abc'])") == "3 2 4\n"


HOSTILE = {
    "an absolute name": (400, ("/etc/passwd", b"1")),
    "a name that leads out": (400, ("../x", b"1")),
    "one that leads out in its middle": (400, ("d/../../x", b"1")),
    "a hard link to outside": (400, _member("h", tarfile.LNKTYPE, linkname="/etc/passwd")),
    "a hard link to what is not in it": (400, _member("h", tarfile.LNKTYPE, linkname="keep")),
    "a device": (400, _member("null", tarfile.CHRTYPE, devmajor=1, devminor=3)),
    "a FIFO": (400, _member("fifo", tarfile.FIFOTYPE)),
    "a file below a link": (409, _member("l", tarfile.SYMTYPE, linkname="/etc"), ("l/passwd", b"1")),
    "a file below a link of the session": (409, ("link/x", b"1")),
    "a file in the place of a directory": (409, ("dir", b"1")),
    "a directory in the place of a file": (409, _member("keep", tarfile.DIRTYPE)),
}


@cases(*HOSTILE)
def nothing_changes_when_one_entry_is_refused(server, what):
    session = _session(server, files={"keep": "1", "dir/x": "2"})
    _run(server, session, "import os; os.symlink('/etc', 'link')")
    before = _files(server, session)
    status, *members = HOSTILE[what]
    _put(server, session, _tar(("good", b"1"), *members, ("last", b"1")), status=status)
    assert _files(server, session) == before


def what_is_cut_short_is_refused(server):
    session = _session(server)
    whole = _tar(("a", b"1" * 1000), ("b", b"2"))
    for length in (0, 100, 512, 1000, 2048, 2560):
        _put(server, session, whole[:length], status=400)
    _put(server, session, b"PK\3\4" + bytes(1020), status=400)
    assert _names(server, session) == []


def other_codings_and_types_are_told_what_is_wanted(server):
    import gzip
    session = _session(server)
    body = _tar(("a", b"1"))
    assert "compression" in _put(server, session, gzip.compress(body), status=415, headers=(("Content-Encoding", "gzip"),))["error"]["message"]
    assert "x-tar" in _put(server, session, body, status=415, headers=(("Content-Type", "application/json"),))["error"]["message"]
    assert "compressed" in _put(server, session, gzip.compress(body) * 20, status=400)["error"]["message"]
    _put(server, session, body, headers=(("Content-Type", "application/octet-stream"),))


def the_quota_is_exact(server):
    session = _session(server, limits={"disk_bytes": 65536})
    _put(server, session, _tar(("a", b"x" * 61441)), status=200)
    _put(server, session, _tar(("b", b"x")), status=400)
    assert _names(server, session) == ["a"]
    _put(server, session, _tar(("a", b"x" * 61440), ("b", b"x" * 4096)))
    listed = server.get(f"/v1/sessions/{session}/files").json
    assert listed["used_bytes"] == listed["disk_bytes"] == 65536, listed
    refused = _put(server, session, _tar(("b", b"x"), ("c", b"x")), status=400)["error"]
    assert refused["code"] == "limit_exceeded" and "65536" in refused["message"], refused


@cases((1 << 20, (1 << 20) // 8192 + 768), (300000000, 32768))
def there_are_as_many_entries_as_the_disk_has_and_no_more(server, disk_bytes, most):
    session = _session(server, limits={"disk_bytes": disk_bytes})
    rows = [(f"n{i}", b"") for i in range(most)]
    assert _put(server, session, _tar(*rows, ("one more", b"")), status=400)["error"]["code"] == "limit_exceeded"
    assert _names(server, session) == []
    assert _put(server, session, _tar(*rows[:-4]))["entries"] == most - 4
    assert _run(server, session, "import os; print(len(os.listdir('.')))", limits={"disk_bytes": disk_bytes}) == f"{most - 3}\n"
    _put(server, session, _tar(*rows[-4:]))
    assert len(_names(server, session)) == most
    assert _put(server, session, _tar(("one more", b"")), status=400)["error"]["code"] == "limit_exceeded"


def a_snapshots_files_come_as_those_of_a_session(server):
    session = _session(server, files={"a/b": "1"})
    snapshot = server.post(f"/v1/sessions/{session}/snapshot", {}).json["id"]
    before, listed = _get(server, session), _files(server, session)
    _put(server, session, _tar(("a/b", b"2")))
    found = server.get(f"/v1/snapshots/{snapshot}/files")
    assert found.status == 200 and found.json["files"] == listed, found
    reply = server.get(f"/v1/snapshots/{snapshot}/files?format=tar")
    assert reply.body == before and snapshot in reply.header("content-disposition"), reply
    assert server.get(f"/v1/snapshots/{snapshot}/files?format=tar&path=a").status == 200
    assert server.get(f"/v1/snapshots/{snapshot}/files?format=tar&path=b").status == 404
    file = server.get(f"/v1/snapshots/{snapshot}/files/a/b")
    assert (file.status, file.body, file.header("etag")) == (200, b"1", listed[1]["etag"]), file
    ranged = server.request("GET", f"/v1/snapshots/{snapshot}/files/a/b", headers=(*server.auth(), ("Range", "bytes=5-")))
    assert [server.get(f"/v1/snapshots/{snapshot}/files/{path}").status for path in ("a", "a/c", "a/b/c", "..")] == [409, 404, 409, 400]
    assert ranged.status == 416 and server.request("PUT", f"/v1/snapshots/{snapshot}/files/a/b", b"3").status == 405
    empty = server.post(f"/v1/sessions/{_session(server)}/snapshot", {}).json["id"]
    assert server.get(f"/v1/snapshots/{empty}/files").json == {"files": [], "used_bytes": 0}
    assert server.get("/v1/snapshots/snp_none/files").status == 404


# --- in, in pieces: larger ones, and those whose length nobody tells ---

def _chunked(server, session, body, sizes=(1, 511, 512, 70000), query=""):
    with server.connect() as connection:
        lines = [f"PUT /v1/sessions/{session}/files{query} HTTP/1.1", "Host: a", f"Authorization: Bearer {server.key}", "Transfer-Encoding: chunked",
                 "Content-Type: application/x-tar"]
        connection.send("\r\n".join(lines).encode() + b"\r\n\r\n")
        at = 0
        for size in sizes + (len(body),):
            piece, at = body[at:at + size], at + size
            connection.send(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" if piece else b"")
        connection.send(b"0\r\n\r\n")
        return connection.receive()


def archives_in_chunks_are_what_they_are_in_one(server):
    first, second = _made(server), _session(server)
    reply = _chunked(server, second, _get(server, first))
    assert reply.status == 200 and _files(server, second) == _files(server, first), reply
    assert _run(server, second, "import os; print(os.stat('plain').st_mtime_ns)") == "1234567890123456789\n"


def an_archive_may_be_as_large_as_the_session(server):
    import random
    contents = [random.Random(n).randbytes(30 << 20) for n in range(3)]
    session = _session(server)
    answer = _put(server, session, _tar(*[(f"d/{n}", content) for n, content in enumerate(contents)], _member("hard", tarfile.LNKTYPE, linkname="d/0"),
                                        ("d/1", b"replaced")))
    assert answer["entries"] == 5 and answer["used_bytes"] == 3 * (30 << 20) + 4096, answer
    for name, content in (("d/0", contents[0]), ("d/1", b"replaced"), ("d/2", contents[2]), ("hard", contents[0])):
        assert server.get(f"/v1/sessions/{session}/files/{name}").body == content, name
    code = "import hashlib; print(*[hashlib.sha256(open(n, 'rb').read()).hexdigest() for n in ('d/0', 'd/1', 'd/2', 'hard')])"
    import hashlib
    assert _run(server, session, code).split() == [hashlib.sha256(c).hexdigest() for c in (contents[0], b"replaced", contents[2], contents[0])]


@cases(*HOSTILE)
def nothing_changes_when_one_entry_of_a_large_one_is_refused(server, what):
    session = _session(server, files={"keep": "1", "dir/x": "2"})
    _run(server, session, "import os; os.symlink('/etc', 'link')")
    before = _files(server, session)
    status, *members = HOSTILE[what]
    body = _tar(("good", b"1" * 500000), *members, ("last", b"1" * 500000))
    _put(server, session, body, status=status)
    assert _chunked(server, session, body).status == status
    assert _files(server, session) == before


def a_large_one_that_is_cut_short_is_refused(server):
    session = _session(server)
    whole = _tar(("a", b"1" * 400000), ("b", b"2" * 400000))
    for length in (300000, 400000, 401000, 700000, 801900):
        _put(server, session, whole[:length], status=400)
        assert _chunked(server, session, whole[:length]).status == 400
    with server.connect() as connection:
        connection.send(f"PUT /v1/sessions/{session}/files HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {server.key}\r\nContent-Length: 999999\r\n\r\n".encode()
                        + whole[:500000])
    assert _names(server, session) == []
    assert _chunked(server, session, bytes(1024)).json["entries"] == 0
    assert _chunked(server, session, b"").status == 400


def the_quota_of_a_large_one_is_exact(server):
    session = _session(server, limits={"disk_bytes": 1 << 20})
    for attempt in range(2):  # over itself: what is replaced makes room
        _put(server, session, _tar(("a", bytes([attempt]) * (1 << 19)), ("b", b"x" * (1 << 19))))
    for member in (("c", b"x"), ("a", b"x" * ((1 << 19) + 1))):
        refused = _put(server, session, _tar(("b", b"y" * (1 << 19)), member), status=400)["error"]
        assert refused["code"] == "limit_exceeded" and "1048576" in refused["message"], refused
    assert server.get(f"/v1/sessions/{session}/files/b").body == b"x" * (1 << 19)
    refused = _put(server, session, _tar(("z", b"x" * ((1 << 20) + 1))), status=400)["error"]
    assert refused["code"] == "limit_exceeded", refused


def archives_into_one_session_at_once_are_all_there(server):
    session = _session(server)
    bodies = [_tar((f"d{n}/a", b"x" * 300000), (f"d{n}/b", bytes([n]) * 5000)) for n in range(6)]
    threads = [threading.Thread(target=_put, args=(server, session, body)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(server.get(f"/v1/sessions/{session}/files/d{n}/b").body == bytes([n]) * 5000 for n in range(6))


# --- what ends meanwhile ---

def nothing_changes_whichever_process_is_killed():
    body = _tar(("a", b"new"), ("b", b"x" * (20 << 20)))
    with Server() as server:
        session = _session(server, files={"a": "old"})
        before = server.get(f"/v1/sessions/{session}/files").json
        for role in ("front", "store"):
            with server.connect() as connection:
                connection.send(encode_request("PUT", f"/v1/sessions/{session}/files", None, (
                    *server.auth(), ("Content-Type", "application/x-tar"), ("Content-Length", len(body)))) + body[:10 << 20])
                time.sleep(0.5)
                server.wait_restarted(role, server.kill(role))
                try:
                    connection.send(body[10 << 20:])
                    assert connection.receive().status >= 500
                except (Closed, OSError):
                    pass
            wait_until(lambda: server.get(f"/v1/sessions/{session}/files").status == 200)
            assert server.get(f"/v1/sessions/{session}/files").json == before
            wait_until(lambda: not [n for n in os.listdir(os.path.join(server.settings["state_dir"], "db/packs")) if n.startswith("new-")])
        _put(server, session, body)
        assert server.get(f"/v1/sessions/{session}/files/a").body == b"new"
