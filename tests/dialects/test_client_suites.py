# SPDX-License-Identifier: Apache-2.0
"""
What Riza's and relaxAI's own clients for Python test themselves with (tests/api_resources of their sources, which
tests/dialects/clients/setup fetches), pointed at the server. They were written for a mock-up that takes any id and any word for
fine, so what has to be there is made before, and their placeholders become its ids on the way. The other tests in these
sources never speak to a server.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import xml.etree.ElementTree

from lib import paths
from lib.forward import forwarding
from lib.scenario import Skip
from lib.server import Server

MANIFEST = {"name": "requirements.txt", "contents": ""}


def _suite(name):
    found = sorted((paths.CLIENTS / "suites").glob(f"{name}-*/tests/api_resources"))
    if not found:
        raise Skip(f"no tests of {name} in {paths.CLIENTS}: run tests/dialects/clients/setup")
    return found[0]


def _run(directory, url, *only):
    """{name of a test: what it said, empty if it passed}"""
    with tempfile.NamedTemporaryFile(suffix=".xml") as report:
        search = [paths.CLIENTS / "pytest", paths.CLIENTS / "python", pathlib.Path(__file__).parent / "clients"]
        subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "suite_plugin", "-p", "no:cacheprovider", "-o", "addopts=", "-k", "not aiohttp",
                        f"--junitxml={report.name}", *(directory / name for name in only or ("",))], cwd=directory.parents[1],
                       env={**os.environ, "TEST_API_BASE_URL": url, "PYTHONPATH": os.pathsep.join(map(str, search)), "PYTHONDONTWRITEBYTECODE": "1"},
                       capture_output=True, timeout=400, check=False)
        rows = xml.etree.ElementTree.parse(report.name).getroot().iter("testcase")
        return {f"{row.get('classname')}.{row.get('name')}": "".join(word.get("message", "") for word in row) for row in rows}


def _check(results, least):
    failed = {name: text for name, text in results.items() if text}
    assert not failed, "\n".join(f"{name}: {text[:300]}" for name, text in failed.items())
    assert len(results) >= least, f"only {len(results)} tests"


class Stage:
    """What the suite takes for granted."""

    def __init__(self, server):
        self.server, self.lock, self.refused = server, threading.Lock(), 0
        self.tool = self.make("/tools", name="t", language="python", code="def execute(input): return input")
        self.secret = self.make("/secrets", name="s", value="v")
        self.runtime = self.make_runtime()
        self.execution = self.make("/execute", language="python", code="1")

    def make(self, path, **fields):
        reply = self.server.post("/riza/v1" + path, fields)
        assert reply.status == 200, reply
        return reply.json

    def make_runtime(self):
        return self.make("/runtimes", name="r", language="python", manifest_file=MANIFEST)

    def path(self, method, path):
        if method == "DELETE":  # each of them deletes the same one
            return path.replace("/id", "/" + self.make_runtime()["id"])
        for kind, row in (("tools", self.tool), ("runtimes", self.runtime), ("executions", self.execution)):
            path = re.sub(rf"/{kind}/(id|runtime_id)\b", f"/{kind}/{row['id']}", path)
        return path.replace("/revision_id", "/" + self.runtime["revision_id"])

    def body(self, method, path, body):
        """A request that wants the network has to be refused by that name; the rest of it is looked at without."""
        if not body:
            return body
        fields = json.loads(body)
        if "http" in fields:
            reply = self.server.request(method, "/riza" + path, json.dumps(self.named(dict(fields))).encode())
            assert reply.status == 400 and "http.allow" in reply.json["message"], reply
            with self.lock:
                self.refused += 1
            del fields["http"]
        return json.dumps(self.named(fields)).encode()

    def named(self, fields):
        names = {"runtime_revision_id": self.runtime["revision_id"], "revision_id": self.tool["revision_id"]}
        fields.update({name: value for name, value in names.items() if fields.get(name) == name})
        for row in fields["env"] if isinstance(fields.get("env"), list) else ():
            row["secret_id"] = self.secret["id"]
        return fields

    def change(self, method, path, body):
        path = self.path(method, path)
        return path, self.body(method, path, body)


def rizas_client_passes_its_own_tests():
    directory = _suite("rizaio")
    with Server() as server:
        stage = Stage(server)
        with forwarding(server, f"Bearer {server.key}", stage.change) as url:
            _check(_run(directory, url), 200)
        assert stage.refused >= 12, stage.refused


def _relaxai_words(_method, path, body):
    return path, body and body.replace(b'"lang":"lang"', b'"lang":"python"')


def relaxais_client_passes_its_own_tests_of_tools(server):
    directory = _suite("relaxai")
    with forwarding(server, f"Bearer {server.key}", _relaxai_words) as url:
        _check(_run(directory, url, "test_tools.py"), 12)
