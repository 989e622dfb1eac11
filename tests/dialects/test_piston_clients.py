# SPDX-License-Identifier: Apache-2.0
"""
Piston's published clients, as they are: npm's piston-client, PyPI's aiopyston, crates.io's piston_rs (tests/dialects/clients/setup).
"""

import json
import os
import shutil
import subprocess

from lib import paths
from lib.forward import forwarding
from lib.scenario import Skip

NODE = """
import piston from "piston-client";
const client = piston({ server: process.argv[2] });
const runtimes = await client.runtimes();
const plain = await client.execute("python", "import sys; print(sys.argv[1:], 6 * 7)");
const js = await client.execute({ language: "javascript", files: [{ name: "a.js", content: "console.log(require('./b'))" },
    { name: "b.js", content: "module.exports = 5" }], stdin: "x", runTimeout: 2000 });
const late = await client.execute("python", "while True: pass", { runTimeout: 300 });
const bad = await client.execute("python", "print(1)", { version: "9.9" });
console.log(JSON.stringify({ count: runtimes.length, plain, js, late, bad }));
"""

PYTHON = """
import asyncio, json, sys
from pyston import PystonClient, File

async def main():
    client = PystonClient(api_key=sys.argv[2], base_url=sys.argv[1])
    try:
        runtimes = await client.get_runtimes("py")
        output = await client.execute("python", [File("print(input())")], stdin="hello")
        broken = await client.execute("c", [File("int main(void) {")])
        try:
            await client.execute("klingon", [File("1")])
        except Exception as e:
            error = f"{type(e).__name__}: {e}"
        print(json.dumps({"language": runtimes[0].language, "stdout": output.run_stage.output, "code": output.run_stage.code,
                          "compile": broken.compile_stage.code, "error": error}))
    finally:
        await client.close_session()

asyncio.run(main())
"""


def _installed(path):
    if not (paths.CLIENTS / path).exists():
        raise Skip(f"no clients in {paths.CLIENTS}: run tests/dialects/clients/setup")
    return paths.CLIENTS / path


def _output(command, **more):
    done = subprocess.run(command, capture_output=True, timeout=120, check=False, **more)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def npms_piston_client_works(server):
    node = shutil.which("node")
    if not node:
        raise Skip("there is no node")
    _installed("node_modules/piston-client")
    script = paths.CLIENTS / f"piston-{os.getpid()}.mjs"
    script.write_text(NODE, encoding="utf-8")
    try:
        with forwarding(server, server.key) as url:  # it has no way to send a key
            seen = _output([node, script, url])
    finally:
        script.unlink()
    assert seen["count"] > 10
    assert seen["plain"]["run"]["stdout"] == "['1', '2', '3'] 42\n" and seen["plain"]["language"] == "python", seen
    assert seen["js"]["run"]["output"] == "5\n", seen
    assert (seen["late"]["run"]["signal"], seen["late"]["run"]["status"]) == ("SIGKILL", "TO"), seen
    assert "python-9.9 runtime is unknown" in json.dumps(seen["bad"]), seen["bad"]


def pypis_aiopyston_works(server):
    environment = {**os.environ, "PYTHONPATH": str(_installed("python"))}
    if subprocess.run(["/usr/bin/python3", "-c", "import aiohttp"], capture_output=True, check=False).returncode:
        raise Skip("there is no python3-aiohttp")
    url = f"http://127.0.0.1:{server.port}/piston/api/v2/piston/"
    seen = _output(["/usr/bin/python3", "-c", PYTHON, url, server.key], env=environment)
    assert seen["error"].endswith("klingon-* runtime is unknown") or "klingon" in seen["error"], seen
    assert (seen["language"], seen["stdout"], seen["code"], seen["compile"]) == ("python", "hello\n", 0, 1), seen


def crates_ios_piston_rs_works(server):
    seen = _output([_installed("piston"), f"http://127.0.0.1:{server.port}/api/v2/piston", server.key])
    assert "py" in seen["aliases"], seen
    plain = {"status": 200, "language": "python", "stdout": "['a', 'b'] read\n", "stderr": "", "code": 0, "signal": None, "compile": None}
    assert seen["plain"] == plain and seen["hex"] == {**plain, "stdout": "hi\n"}, seen
    assert (seen["late"]["code"], seen["late"]["signal"]) == (None, "SIGKILL"), seen
    assert (seen["compiled"]["code"], seen["compiled"]["compile"]) == (3, 0), seen
    assert seen["broken"]["compile"] == seen["broken"]["code"] == 1 and "error" in seen["broken"]["stderr"], seen
    assert seen["unknown"]["status"] == 400 and "klingon-* runtime is unknown" in seen["unknown"]["stderr"], seen
