# SPDX-License-Identifier: Apache-2.0
"""Riza's runtimes with packages: from an index that the operator allows, put together in a jail, there in runs and nowhere else."""

import contextlib
import time

from lib.client import encode_request, wait_until
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


@cases(("nothing-of-this-name", "python", ("nothing-of-this-name",)), ("alpha>=9", "python", ("alpha>=9",)), ("alpha==1.0\nbeta\nalpha>1.1,<2", "python", ("alpha",)),
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
        index.add_npm("forged", "1.0.0", {"index.js": ""}, integrity="sha512-" + "A" * 86 + "==")
        runtime = _failed(server, contents, *words, language=language)
        assert not any("secret" in path or ".." in path for path in index.asked), index.asked
        reply = server.post(MOUNT + "/execute", {"language": language, "code": "1", "runtime_revision_id": runtime["revision_id"]})
        assert reply.status == 400, reply


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
