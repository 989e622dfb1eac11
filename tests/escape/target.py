# SPDX-License-Identifier: Apache-2.0
"""The server under attack: tests/lib's, with one wall or several removed or one step made to fail."""
import json
import os
import time

from lib import paths
from lib.client import encode_request, wait_until
from lib.server import Server


class Answer:
    """One HTTP answer with what the judge asks of it."""

    def __init__(self, reply, took_ms, is_base64):
        self.status, self.body, self.took_ms, self.is_base64 = reply.status, reply.body, took_ms, is_base64
        self.header = reply.header
        try:
            self.json = reply.json
        except ValueError:
            self.json = None

    @property
    def error_code(self):
        error = self.json.get("error") if isinstance(self.json, dict) else None
        return error.get("code") if isinstance(error, dict) else None


class Target(Server):
    def __init__(self, setup, walls_off=(), step_fail=None, settings=None):
        faulty = bool(walls_off or step_fail)
        # Without a cache every hostile source goes through a compiler of its own.
        super().__init__({"slots_ready": 4, "warm_slots_max": 4, "compile_cache_bytes": 0, **(settings or {})}, start=False,
                         build=setup.faulty_build if faulty else setup.build)
        self.setup = setup
        self.environment["SG_ESCAPE_SECRET"] = setup.secret
        if walls_off:
            self.environment["SANDGLASS_WALLS_OFF"] = ",".join(sorted(walls_off))
        if step_fail:
            self.environment["SANDGLASS_STEP_FAIL"] = step_fail
        self.step_fail = step_fail
        setup.targets.append(self)

    def __enter__(self):
        try:
            if self.step_fail:  # such a server never has a jail ready
                self.launch()
                wait_until(lambda: self.log_events("keys_loaded") and self.listening_port(), 20)
            else:
                self.start()
        except BaseException:
            self.close()
            raise
        return self

    @property
    def state_dir(self):
        return self.settings["state_dir"]

    def ask(self, method, path, body=None, key="own", timeout=90):
        """key: "own", another one's text, or None for a request without."""
        headers = () if key is None else [("Authorization", "Bearer " + (self.key if key == "own" else key))]
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        began = time.monotonic()
        with self.connect(timeout) as connection:
            connection.send(encode_request(method, path, data, headers))
            reply = connection.receive()
        is_base64 = isinstance(body, dict) and body.get("output_encoding") == "base64"
        return Answer(reply, (time.monotonic() - began) * 1000, is_base64)

    def submit(self, body, **options):
        return self.ask("POST", "/v1/execute", body, **options)

    def run_python(self, code, **fields):
        return self.submit({"language": "python", "code": code, **fields})

    def works(self):
        try:
            answer = self.run_python("print('works')")
        except OSError:
            return False
        return answer.status == 200 and answer.json["stdout"] == "works\n"


def check_builds(setup):
    """What is missing, as text for the person who started the suite; None if nothing is."""
    for build in (setup.build, setup.faulty_build):
        for path in (paths.sandglassd(build), paths.sandglass(build)):
            if not os.access(path, os.X_OK):
                return "%s is missing: build first, or name another directory" % path
    return None
