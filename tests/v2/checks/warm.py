# SPDX-License-Identifier: Apache-2.0
"""Warm starts on this kernel and under cgroup v2: interpreters that are copied, and copies while memory is scarce."""

import re
import subprocess

from lib import paths
from lib.client import wait_until
from lib.server import Server

COPIED = {"python", "javascript"}


def _rows(server):
    return server.get("/v1/capabilities").json["warm"]["runtimes"]


def interpreters_are_copied_from_their_zygotes():
    with Server({"warm": "full"}) as server:
        def copied():
            """Python and Node.js have passed their self-tests"""
            return COPIED <= {row["id"] for row in _rows(server) if (row["stage"], row["way"]) == ("run", "zygote")}

        try:
            wait_until(copied, within=180, every=1)
        finally:
            print("\n".join(f"    {row['id']}, {row['stage']}: {row['way']} {row['why']}" for row in _rows(server)))
        for language, code in (("python", "print(6 * 7)"), ("javascript", "setTimeout(() => console.log(6 * 7), 10)")):
            def served():
                """a copy has served it"""
                before = server.metrics()["sandglass_runs_warm_total"]
                assert server.run(language, code)["stdout"] == "42\n"
                return server.metrics()["sandglass_runs_warm_total"] > before

            wait_until(served, within=60, every=1)


def copies_say_what_the_interpreter_says_while_memory_is_scarce():
    words = ("--runs", "4", "--jobs", "2", "--memory", "192", "--only", "node24")
    done = subprocess.run([paths.SOURCE / "tests/zfork/run.py", *words], capture_output=True, text=True, check=False)
    print(re.sub("^", "    ", done.stdout.rstrip(), flags=re.MULTILINE))
    assert done.returncode == 0 and done.stdout.endswith("1 passed, 0 failed\n"), done.stderr
