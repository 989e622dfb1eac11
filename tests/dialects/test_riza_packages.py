# SPDX-License-Identifier: Apache-2.0
"""Riza's runtimes with packages: from an index that the operator allows, put together in a jail, there in runs and nowhere else."""

import base64
import contextlib
import hashlib
import json
import pathlib
import tempfile
import time

from lib.client import encode_request, wait_until
from lib.events import open_stream
from lib.index import Index
from lib.scenario import cases
from lib.server import Server

MOUNT = "/riza/v1"


def _runtime(server, contents, language="python", status=200):
    name = {"python": "requirements.txt", "javascript": "package.json"}[language]
    reply = server.post(MOUNT + "/runtimes", {"name": "r", "language": language, "manifest_file": {"name": name, "contents": contents}}, timeout=90)
    assert reply.status == status, reply
    return reply.json


def _failed(server, contents, *words, **more):
    runtime = _runtime(server, contents, **more)
    assert runtime["status"] == "failed" and all(word in runtime["status_message"] for word in words), runtime
    return runtime


def _run(server, runtime, code, language="python", **more):
    reply = server.post(MOUNT + "/execute", {"language": language, "code": code, "runtime_revision_id": runtime["revision_id"], **more})
    assert reply.status == 200, reply
    return reply.json


@contextlib.contextmanager
def _server(**settings):
    with Index() as index, Server({**index.settings(), **settings}) as server:
        index.add_wheel("alpha", "1.0", {"alpha.py": "V = '1.0'\n"})
        index.add_wheel("alpha", "1.5", {"alpha.py": "V = '1.5'\n"})
        index.add_wheel("alpha", "2.0", {"alpha.py": "V = '2.0'\n"})
        index.add_wheel("beta", "1.0", {"beta/__init__.py": "import alpha\nV = 'beta with alpha ' + alpha.V\n", "beta/data.txt": "data"}, ["alpha<2"], html=True)
        yield index, server


def packages_are_built_and_imported():
    with _server() as (index, server):
        runtime = _runtime(server, "beta>=1  # and what it needs\n")
        assert runtime["status"] == "succeeded" and "status_message" not in runtime, runtime
        code = "import beta, os, sys; print(beta.V); print(open(beta.__path__[0] + '/data.txt').read(), sorted(os.listdir('.')))"
        assert _run(server, runtime, code)["stdout"] == "beta with alpha 1.5\ndata ['main.py']\n" or \
            _run(server, runtime, code)["stdout"] == "beta with alpha 1.5\ndata ['.packages', 'main.py']\n"
        assert "No module named" in server.post(MOUNT + "/execute", {"language": "python", "code": "import beta"}).json["stderr"]
        tool = server.post(MOUNT + "/tools", {"name": "t", "language": "python", "code": "import beta\ndef execute(x): return beta.V",
                                              "runtime_revision_id": runtime["revision_id"]}).json
        assert server.post(f"{MOUNT}/tools/{tool['id']}/execute", {}).json["output"] == "beta with alpha 1.5"
        asked = len(index.asked)
        server.stop()
        server.start()
        assert _run(server, runtime, code)["stdout"].startswith("beta with alpha 1.5\n") and len(index.asked) == asked


def packages_may_be_much_larger_than_requests():
    with _server() as (index, server):
        index.add_wheel("large", "1.0", {"large.py": "V = 'large'\n", **{f"of_large/{i}.txt": "x" * 7000 for i in range(1500)}})
        runtime = _runtime(server, "large")
        code = "import large; print(large.V)"
        assert runtime["status"] == "succeeded" and _run(server, runtime, code)["stdout"] == "large\n", runtime
        body = {"language": "python", "code": code, "runtime_revision_id": runtime["revision_id"]}
        with open_stream(server, "POST", MOUNT + "/execute", json.dumps(body).encode()) as stream:
            assert stream.status == 200 and stream.rest()[-1].data["body"]["stdout"] == "large\n"


def each_revision_has_its_own_packages():
    with _server() as (_, server):
        first = _runtime(server, "alpha==1.0")
        body = {"manifest_file": {"name": "requirements.txt", "contents": "alpha>=1,!=1.5\n"}}
        second = server.post(f"{MOUNT}/runtimes/{first['id']}/revisions", body).json
        assert second["status"] == "succeeded", second
        for revision, version in ((first["revision_id"], "1.0"), (second["id"], "2.0")):
            assert _run(server, {"revision_id": revision}, "import alpha; print(alpha.V)")["stdout"] == version + "\n"
        assert server.request("DELETE", f"{MOUNT}/runtimes/{first['id']}").status == 200
        reply = server.post(MOUNT + "/execute", {"language": "python", "code": "1", "runtime_revision_id": second["id"]})
        assert reply.status == 400, reply


def packages_of_npm_are_found_by_both_kinds_of_modules():
    with _server() as (index, server):
        index.add_npm("left", "1.0.0", {"index.js": "module.exports = 'left 1';"})
        index.add_npm("left", "2.1.0", {"index.js": "module.exports = 'left 2';"})
        index.add_npm("@of/scope", "0.3.1", {"index.js": "module.exports = 'scope with ' + require('left');"}, {"left": "^1.0.0"},
                      scripts={"install": "touch /work/ran"})
        runtime = _runtime(server, '{"dependencies": {"left": "2.x", "@of/scope": "~0.3.0"}}', "javascript")
        assert runtime["status"] == "succeeded", runtime
        code = "console.log(require('left'), '|', require('@of/scope'), require('fs').existsSync('/work/ran'))"
        assert _run(server, runtime, code, "javascript")["stdout"] == "left 2 | scope with left 1 false\n"
        assert _run(server, runtime, "import left from 'left'; console.log(left)", "typescript")["stdout"] == "left 2\n"
        reply = server.post(MOUNT + "/execute", {"language": "python", "code": "1", "runtime_revision_id": runtime["revision_id"]})
        assert reply.status == 400 and "another language" in reply.json["message"], reply


def npms_packages_each_see_the_version_that_they_want():
    with _server() as (index, server):
        for version in ("1.0.0", "2.0.0"):
            index.add_npm("left", version, {"index.js": f"module.exports = 'left {version}';"})
            for name in ("x", "y"):
                wants = {"left": "2" if name == "x" else "1"} if version == "1.0.0" else {}
                index.add_npm(name, version, {"index.js": f"module.exports = '{name} {version}' + ({len(wants)} ? ' ' + require('left') : '');"}, wants)
        index.add_npm("a", "1.0.0", {"index.js": "module.exports = [require('x'), require('y')].join();"}, {"x": "1", "y": "1"})
        assert _built(server, '{"dependencies": {"a": "1", "left": "2", "x": "2", "y": "2"}}',
                      "console.log([require('a'), require('left'), require('x'), require('y')].join())", "javascript") == \
            "x 1.0.0 left 2.0.0,y 1.0.0 left 1.0.0,left 2.0.0,x 2.0.0,y 2.0.0\n"


# --- which versions ---

def _built(server, contents, code, language="python"):
    runtime = _runtime(server, contents, language)
    assert runtime["status"] == "succeeded", runtime
    result = _run(server, runtime, code, language)
    assert result["stderr"] == "", result
    return result["stdout"]


def older_versions_are_tried_when_newer_ones_disagree():
    with _server() as (index, server):
        for number in range(1, 13):
            index.add_wheel("gamma", f"{number}.0", {"gamma.py": f"V = {number}\n"}, ["alpha<2" if number < 4 else "alpha>=2", "delta"])
        index.add_wheel("delta", "1.0", {"delta.py": ""})
        index.add_wheel("epsilon", "1.0", {"epsilon.py": ""}, ["gamma", "alpha!=2.0"])
        assert _built(server, "gamma\nalpha<2\n", "import alpha, gamma; print(gamma.V, alpha.V)") == "3 1.5\n"
        assert _built(server, "epsilon", "import alpha, gamma; print(gamma.V, alpha.V)") == "3 1.5\n"
        _failed(server, "gamma>=4\nalpha<2\n", "gamma 12.0 wants alpha>=2", "requirements.txt wants alpha<2")


def extras_bring_what_only_they_need():
    with _server() as (index, server):
        index.add_wheel("plain", "1.0", {"plain.py": ""}, ["alpha==1.0; extra == 'fast'", "nothing-here; extra == 'other'"])
        code = "import plain\ntry:\n    import alpha; print(alpha.V)\nexcept ImportError:\n    print('none')"
        assert _built(server, "plain", code) == "none\n"
        assert _built(server, "plain[Fast]", code) == "1.0\n"


def what_is_withdrawn_or_not_yet_released_is_taken_only_when_it_is_named():
    with _server() as (index, server):
        index.add_wheel("alpha", "3.0", {"alpha.py": "V = '3.0'\n"}, row={"yanked": "broken"})
        index.add_wheel("alpha", "4.0rc1", {"alpha.py": "V = '4.0rc1'\n"})
        index.add_wheel("alpha", "9.0", {"alpha.py": "V = '9.0'\n"}, row={"requires-python": "<3"})
        code = "import alpha; print(alpha.V)"
        assert [_built(server, text, code) for text in ("alpha", "alpha==3.0", "alpha>=4.0rc1")] == ["2.0\n", "3.0\n", "4.0rc1\n"]


def what_the_image_has_is_used_where_it_fits():
    with _server() as (index, server):
        index.add_wheel("packaging", "0.1", {"packaging/__init__.py": "V = 'old'\n"})
        index.add_wheel("user", "1.0", {"user.py": ""}, ["packaging>=20", "typing-extensions"])
        before = len(index.asked)
        assert _built(server, "user", "import packaging, user; print(hasattr(packaging, 'V'))") == "False\n"
        assert not [path for path in index.asked[before:] if "user" not in path], index.asked
        assert _built(server, "packaging<1", "import packaging; print(packaging.V)") == "old\n"


# --- hashes in the manifest ---

def _digest(data, kind="sha256"):
    return f"--hash={kind}:{hashlib.new(kind, data).hexdigest()}"


def a_package_with_a_hash_is_that_one_or_none():
    with _server() as (index, server):
        old = index.add_wheel("kappa", "1.0", {"kappa.py": "V = 1\n"})
        index.add_wheel("kappa", "2.0", {"kappa.py": "V = 2\n"})
        other = index.add_wheel("needed", "1.0", {"needed.py": ""})
        index.add_wheel("needs", "1.0", {"needs.py": ""}, ["needed"])
        needs = index.add_wheel("needs", "1.1", {"needs.py": ""}, ["needed"])
        code = "import kappa; print(kappa.V)"
        assert _built(server, f"kappa {_digest(old)} {_digest(b'x')}\n", code) == "1\n"
        assert _built(server, f"kappa==1.0 \\\n    {_digest(old, 'sha512')}\n", code) == "1\n"
        _failed(server, f"kappa==2.0 {_digest(old)}", "of kappa there is 1.0 with a --hash")
        _failed(server, f"kappa==1.0 {_digest(b'x', 'sha512')}", "none of the hashes")
        _failed(server, f"needs==1.1 {_digest(needs)}", "needed has no --hash")
        assert _built(server, f"needs==1.1 {_digest(needs)}\nneeded {_digest(other)}", "import needed, needs; print('both')") == "both\n"
        for wrong in ("--hash=md5:" + "0" * 32, "--hash=sha256:xyz", "--hash"):
            _failed(server, f"kappa {wrong}", "is no --hash")
        _failed(server, "kappa --global-option=x", "Options of pip")


# --- who this server is there ---

@contextlib.contextmanager
def _login(text, mode=0o600):
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory) / "login"
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        yield {"python_index_login": path, "npm_registry_login": path}


@cases(("someone:pass:word\nmore\n", "Basic " + base64.b64encode(b"someone:pass:word").decode()), ("t0ken-of-ours\n", "Bearer t0ken-of-ours"))
def an_index_is_told_who_asks_and_nobody_else(text, said):
    with Index() as index, Index() as elsewhere, _login(text) as settings:
        index.wanted_login = said
        data = elsewhere.add_wheel("alpha", "1.0", {"alpha.py": "V = 1\n"})
        index.add_wheel("alpha", "1.0", {"alpha.py": "V = 1\n"}, url=f"{elsewhere.base}files/alpha-1.0-py3-none-any.whl")
        index.add_npm("left", "1.0.0", {"index.js": "module.exports = 'left';"})
        urls = {"python_index_url": f"{index.url},{elsewhere.base}files/", "npm_registry_url": index.registry}
        with Server({**urls, **settings}) as server:
            look = "import alpha, os; print(alpha.V, os.environ, open('/proc/self/environ').read())"
            seen = _built(server, f"alpha {_digest(data)}", look)
            _built(server, '{"dependencies": {"left": "*"}}', "console.log(require('left'))", "javascript")
            assert set(index.logins) == {said} and elsewhere.logins == [None], (index.logins, elsewhere.logins)
            for secret in ("pass:word", "t0ken", said.split()[1]):
                assert secret not in server.log() + seen and secret.encode() not in server.get("/metrics").body
            index.wanted_login = "Basic other"
            runtime = _failed(server, "alpha<1", "refuses it to this server (401)")
            assert "word" not in runtime["status_message"], runtime


@cases(("", 0o600), ("\n", 0o600), ("a:b", 0o604), (None, 0))
def a_login_that_others_can_read_or_that_is_none_is_refused(text, mode):
    with Index() as index, _login(text or "", mode or 0o600) as settings:
        if text is None:
            settings["python_index_login"].unlink()
        with Server({**index.settings(), **settings}, keys=0, start=False) as server:
            server.launch()
            assert server.process.wait(10) != 0 and str(settings["python_index_login"]) in server.log()


# --- what cannot be done ---

@cases(("nothing-of-this-name", "python", ("no package of the name nothing-of-this-name",)),
       ("sources", "python", ("only sources",)), ("foreign", "python", ("no wheel of foreign is for this Python",)), ("alpha==7", "python", ("of alpha there is 2.0, 1.5, 1.0",)),
       ("wants-address", "python", ("index only", "wants-address 1.0")), ("huge", "python", ("larger than",)), ("many", "python", ("more than 3000 files",)),
       ("refused", "python", ("refuses it to this server (403)",)), ("broken", "python", ("the index answers (500)",)),
       ('{"dependencies": {"nothing-of-this-name": "1"}}', "javascript", ("no package of the name nothing-of-this-name",)),
       ('{"dependencies": {"top": "1", "plugin": "1"}}', "javascript", ("plugin wants top ^2.0.0", "top 1.0.0 is")),
       ("alpha>=9", "python", ("alpha>=9",)), ("alpha==1.0\nbeta\nalpha>1.1,<2", "python", ("alpha",)),
       ("alpha @ http://127.0.0.1/x.whl", "python", ("index only",)), ("-r other.txt", "python", ("Options",)), ("--index-url=http://x/", "python", ("Options",)),
       ("bad==1.0", "python", ("sha256",)), ("elsewhere==1.0", "python", ("no address of the index",)), ("climber==1.0", "python", ("../",)),
       ("!!", "python", ("requirement",)), ("moved==1.0", "python", ("302",)), ('{"dependencies": {"x": "git://h/x"}}', "javascript", ("registry only",)),
       ('{"dependencies": {"x": "^1"}}', "javascript", ("x",)), ('{"dependencies": {"../x": "1"}}', "javascript", ("name",)), ("{", "javascript", ("package.json",)),
       ('{"dependencies": {"forged": "*"}}', "javascript", ("sha512",)))
def what_cannot_be_built_says_why(contents, language, words):
    with _server() as (index, server):
        index.add_wheel("bad", "1.0", {"bad.py": ""}, sha256="0" * 64)
        index.add_wheel("elsewhere", "1.0", {"e.py": ""}, url=index.base + "secret/elsewhere-1.0-py3-none-any.whl")
        index.add_wheel("climber", "1.0", {"../../climbed.py": "x"})
        index.add_wheel("moved", "1.0", {"m.py": ""})
        index.put("/files/moved-1.0-py3-none-any.whl", b"", 302, Location=index.base + "files/alpha-1.0-py3-none-any.whl")
        index.add_row("sources", {"filename": "sources-1.0.tar.gz", "url": "../../files/sources-1.0.tar.gz", "hashes": {"sha256": "0" * 64}})
        index.add_wheel("foreign", "1.0", {"foreign.py": ""}, tag="cp27-none-any")
        index.add_wheel("wants-address", "1.0", {"w.py": ""}, ["alpha @ http://127.0.0.1/alpha-1.0-py3-none-any.whl"])
        index.add_wheel("huge", "1.0", {"h.py": ""})
        index.put("/files/huge-1.0-py3-none-any.whl", bytes((64 << 20) + 1))
        index.add_wheel("many", "1.0", {f"m{i}.py": "" for i in range(3001)})
        index.put("/simple/refused/", b"", 403)
        index.put("/simple/broken/", b"", 500)
        index.add_npm("top", "1.0.0", {})
        index.add_npm("top", "2.0.0", {})
        index.add_npm("plugin", "1.0.0", {}, peerDependencies={"top": "^2.0.0"})
        index.add_npm("forged", "1.0.0", {"index.js": ""}, integrity="sha512-" + "A" * 86 + "==")
        runtime = _failed(server, contents, *words, language=language)
        assert not any("secret" in path or ".." in path for path in index.asked), index.asked
        reply = server.post(MOUNT + "/execute", {"language": language, "code": "1", "runtime_revision_id": runtime["revision_id"]})
        assert reply.status == 400, reply


def an_index_that_is_not_there_is_named_as_that():
    with Index() as index:
        settings = index.settings()
    with Server(settings) as server:
        _failed(server, "alpha", "alpha could not be had", "the index cannot be reached")
        _failed(server, '{"dependencies": {"left": "1"}}', "left could not be had", "the index cannot be reached", language="javascript")


def older_versions_are_asked_for_many_at_a_time():
    with _server() as (index, server):
        for number in range(1, 61):
            index.add_wheel("gamma", f"{number}.0", {"gamma.py": ""}, ["alpha>=2"])
        _failed(server, "gamma>=2\nalpha<2", "No versions go together", "alpha>=2")
        asked = [path for path in index.asked if "gamma-" in path]
        rounds = server.metrics()["sandglass_jobs_finished_total"]
        assert len(asked) == len(set(asked)) >= 59 and rounds < 12, (asked, rounds)
        began = len(index.asked)
        assert _runtime(server, "gamma<9\nalpha>=2")["status"] == "succeeded"
        assert len([path for path in index.asked[began:] if "gamma-" in path]) == 1, index.asked[began:]


def an_index_that_is_slow_is_given_up():
    with _server(packages_time_ms=1500) as (index, server):
        index.put("/simple/slow/", lambda _: time.sleep(6) or b"")
        began = time.monotonic()
        _failed(server, "slow", "in time")
        assert time.monotonic() - began < 5
        assert _runtime(server, "")["status"] == "succeeded"


def a_client_that_leaves_ends_its_build():
    with _server(packages_builds_max=1) as (index, server):
        index.put("/simple/slow/", lambda _: time.sleep(2) or b"")
        body = b'{"name": "r", "language": "python", "manifest_file": {"name": "requirements.txt", "contents": "slow"}}'
        with server.connect() as connection:
            connection.send(encode_request("POST", MOUNT + "/runtimes", body, server.auth()))
            time.sleep(0.7)
            reply = server.post(MOUNT + "/runtimes", {"name": "r", "language": "python", "manifest_file": {"name": "requirements.txt", "contents": "alpha"}})
            assert reply.status == 429, reply
        time.sleep(0.3)
        assert _runtime(server, "alpha")["status"] == "succeeded"


def with_one_language_allowed_the_other_has_failed():
    with _server(npm_registry_url="") as (_, server):
        _failed(server, '{"dependencies": {"a": "1"}}', "no package index", language="javascript")
        assert _runtime(server, "alpha")["status"] == "succeeded"


def the_fetcher_is_started_again():
    with _server() as (_, server):
        old = server.kill("fetcher")

        def built():
            """packages are built again"""
            return _runtime(server, "alpha")["status"] == "succeeded"

        wait_until(built)
        assert server.pid_of("fetcher") != old


@cases("ftp://h/", "https://h/simple", "https://user:word@h/", "https:///", "h/")
def an_index_that_is_no_url_is_refused(url):
    with Server({"python_index_url": url}, keys=0, start=False) as server:
        server.launch()
        assert server.process.wait(10) != 0 and "python_index_url" in server.log()
