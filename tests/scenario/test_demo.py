# SPDX-License-Identifier: Apache-2.0
"""`sandglass serve`: the first minute of a new user, and the way it ends."""

import contextlib
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import tempfile

from lib import host, paths
from lib.client import Connection, wait_until
from lib.server import Server, gone, own_environment


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def _serve(*words):
    """The command with a private server's settings; yields it, its process and what it prints."""
    with Server({"listen": f"127.0.0.1:{_free_port()}"}, start=False, keys=0) as server, \
            tempfile.NamedTemporaryFile(dir=server.dir) as out, open(server.log_path, "ab") as log:
        process = subprocess.Popen([paths.sandglass(server.build), "serve", *words, *server.options()], stdin=subprocess.DEVNULL,
                                   stdout=out, stderr=log, env=own_environment(), start_new_session=True)
        server.process, server.session = process, process.pid

        def printed():
            with open(out.name, encoding="utf-8") as file:
                return file.read()

        yield server, process, printed


def _wait_served(process, printed):
    def served():
        """the table has been shown"""
        assert process.poll() is None, process.returncode
        return "\nserving " in printed()

    wait_until(served, within=60)


def _demo_keys(server):
    keys = json.loads(server.cli("keys", "list", "--json", *server.options()).stdout)
    return ["revoked" if key["revoked_ms"] else "valid" for key in keys if key["name"] == "demo"]


def the_demo_shows_a_key_a_line_to_paste_and_a_table():
    with _serve("--demo") as (server, process, printed):
        _wait_served(process, printed)
        text = printed()
        rows = {row.split()[0]: row for row in re.search(r"\nRUNTIME.*?\n\n", text, re.DOTALL).group().splitlines()[2:] if row}
        assert {"python", "bash"} <= set(rows), text
        assert all(" ok " in row and row.endswith("as expected") for row in rows.values()), text
        line = re.search(r"^try +(.*)$", text, re.MULTILINE).group(1)
        done = subprocess.run(shlex.split(line), capture_output=True, timeout=30, check=True)
        assert json.loads(done.stdout)["stdout"] == "42\n", done
        assert _demo_keys(server) == ["valid"]
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        assert "sg_" not in server.log()
        assert _demo_keys(server) == ["revoked"]


def the_demo_ends_with_its_server_and_passes_on_why():
    with _serve("--demo") as (server, process, printed):
        _wait_served(process, printed)
        os.kill(*[pid for pid in host.children_of(process.pid) if os.readlink(f"/proc/{pid}/exe").endswith("/sandglassd")],
                signal.SIGKILL)
        assert process.wait(20) == 128 + signal.SIGKILL


def a_killed_demo_takes_its_server_along():
    with _serve("--demo") as (server, process, printed):
        _wait_served(process, printed)
        children = server.processes()
        assert len(children) >= 4, children
        process.kill()
        process.wait()
        assert gone([pid for pid in children if pid != process.pid])
        assert _demo_keys(server) == ["revoked"]


def a_port_that_is_taken_is_said_at_once():
    with Server() as other, _serve("--demo", "--listen", f"127.0.0.1:{other.listening_port()}") as (_, process, printed):
        assert process.wait(20) not in (0, None)
        assert "serving" not in printed()


def without_the_demo_serve_becomes_the_server():
    with _serve() as (server, process, _):
        port = int(server.settings["listen"].rpartition(":")[2])

        def answers():
            """/readyz answers 200"""
            with contextlib.suppress(OSError), Connection(("127.0.0.1", port), 5, None) as connection:
                return connection.request("GET", "/readyz").status == 200

        wait_until(answers)
        assert os.readlink(f"/proc/{process.pid}/exe").endswith("/sandglassd")
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
