#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Runs every example of the documents of Riza, RunTools (both generations), relaxAI and Nadoo, unchanged but for base URL
and key, and compares what it prints with what the documents say. With clients from their registries where those still
have them (tests/dialects/clients/setup DIRECTORY, then SANDGLASS_CLIENTS_DIR=DIRECTORY); the clients that are gone are stood
for by the requests that they sent. Starts a server of its own, or uses the one of --server and --key.
"""

import argparse
import contextlib
import http.server
import json
import os
import pathlib
import re
import subprocess
import sys
import threading
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import relaxai_examples  # noqa: E402
from lib import paths  # noqa: E402
from lib.server import Server, own_environment  # noqa: E402

SAMPLES = pathlib.Path(__file__).resolve().parent / "samples"
FACTORIAL = "import math\nprint(math.factorial(5))"


class World:
    """The server that the examples are pointed at."""

    def __init__(self, base, key, model):
        self.base, self.key, self.model = base, key, model

    def environment(self):
        return own_environment({
            "BASE_URL": self.base, "API_KEY": self.key, "MODEL_URL": self.model, "RIZA_BASE_URL": self.base, "RIZA_API_KEY": self.key,
            "SANDGLASS_URL": self.base, "SANDGLASS_API_KEY": self.key, "PYTHONPATH": str(paths.CLIENTS / "python")})

    def run(self, *words, directory=None):
        """What a command prints."""
        done = subprocess.run([str(word) for word in words], env=self.environment(), cwd=directory, capture_output=True, text=True,
                              timeout=120, check=False, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, f"status {done.returncode}: {done.stdout[-500:]} {done.stderr[-1500:]}"
        return done.stdout

    def python(self, name):
        return self.run(sys.executable, SAMPLES / name)

    def node(self, name, *words):
        """Modules are looked for from where the program is, so it is put beside them."""
        copy = paths.CLIENTS / name
        copy.write_text((SAMPLES / name).read_text())
        return self.run("node", copy, *words)

    def shell(self, text):
        """A command of the documents, with their host and key replaced."""
        for host in ("https://api.riza.io", "https://api.relax.ai", "http://localhost:8002"):
            text = text.replace(host, self.base)
        for name in ("$RIZA_API_KEY", "$RELAX_API_KEY", "your-api-key"):
            text = text.replace(name, self.key)
        return json.loads(self.run("bash", "-c", text))

    def post(self, path, value, **headers):
        """A request as a client sent it; its JSON."""
        request = urllib.request.Request(self.base + path, json.dumps(value).encode(), {
            "Authorization": f"Bearer {self.key}", "Content-Type": "application/json",
            **{name.replace("_", "-"): text for name, text in headers.items()}})
        try:
            with urllib.request.urlopen(request, timeout=120) as reply:
                return json.loads(reply.read())
        except urllib.error.HTTPError as e:
            raise AssertionError(f"{e.code}: {e.read()[:500]!r}") from None


def same(found, expected):
    assert found == expected, f"{found!r} is not {expected!r}"


ROWS = []


def sample(document, title):
    def mark(function):
        ROWS.append((document, title, function))
        return function
    return mark


# --- Riza ---

HELLO = {"language": "python", "code": "print('Hello, world!')"}


@sample("Riza", "curl")
def riza_curl(world):
    same(world.shell("""curl -s https://api.riza.io/v1/execute \\
  -H "Authorization: Bearer $RIZA_API_KEY" \\
  -H "Content-Type: application/json; charset=utf-8" \\
  --data-binary @- << EOF
  {
      "language": "python",
      "code": "print('Hello, world!')"
  }
EOF
""")["stdout"], "Hello, world!\n")


@sample("Riza", "Python, rizaio")
def riza_python(world):
    same(world.python("riza.py"), "Hello, world!\n\n")


@sample("Riza", "Node, as @riza-io/api sent it")
def riza_node(world):
    same(world.post("/v1/execute", HELLO, Accept="application/json", User_Agent="Riza/JS 0.12.0", X_Stainless_Lang="js",
                    X_Stainless_Package_Version="0.12.0", X_Stainless_Retry_Count="0")["stdout"], "Hello, world!\n")


@sample("Riza", "Go, as riza-api-go sent it")
def riza_go(world):
    same(world.post("/v1/execute", HELLO, Accept="application/json", User_Agent="Riza/Go 0.12.0", X_Stainless_Lang="go",
                    X_Stainless_Package_Version="0.12.0", X_Stainless_Retry_Count="0")["stdout"], "Hello, world!\n")


# --- RunTools, the newer documents: a table of languages and one of fields, without an example ---

V2_LANGUAGES = {
    "python": "print('hi')", "javascript": "console.log('hi')", "typescript": "const s: string = 'hi'; console.log(s)", "bash": "echo hi",
    "c": '#include <stdio.h>\nint main(void) { puts("hi"); }', "c++": '#include <iostream>\nint main() { std::cout << "hi\\n"; }',
    "go": 'package main\nimport "fmt"\nfunc main() { fmt.Println("hi") }', "ruby": "puts 'hi'", "rust": 'fn main() { println!("hi"); }',
    "java": 'public class Main { public static void main(String[] a) { System.out.println("hi"); } }',
    "csharp": 'class P { static void Main() { System.Console.WriteLine("hi"); } }',
}
V2_COMPILED = {"c", "c++", "go", "rust", "java"}


def runtools_v2(language):
    def run(world):
        result = world.post("/v1/execute", {"language": language, "code": V2_LANGUAGES[language], "run_timeout": 300000})
        same((result["run"]["stdout"], result["run"]["code"]), ("hi\n", 0))
        assert language not in V2_COMPILED or result["compile"]["code"] == 0, result
    return run


for name in V2_LANGUAGES:
    sample("RunTools v2", name)(runtools_v2(name))


@sample("RunTools v2", "files, stdin, version and timeouts")
def runtools_v2_files(world):
    files = [{"name": "main.py", "content": "import helper\nprint(helper.shout(input()))"},
             {"name": "helper.py", "content": "def shout(text):\n    return text.upper()"}]
    result = world.post("/v1/execute", {"language": "python", "files": files, "stdin": "hi", "version": "*", "run_timeout": 300000,
                                        "compile_timeout": 60000})
    same(result["run"]["stdout"], "HI\n")


def _v2(world, session=None, **fields):
    """
    The answer's output and its session. By the address that is RunTools' alone: where others are too, {language, code} may be
    of any of them, and begins no session.
    """
    result = world.post("/runtools/v1/execute", {"language": "python", **fields, **({"session_id": session} if session else {})})
    assert result["run"]["code"] == 0, result
    return result["run"]["stdout"], result["session_id"]


@sample("RunTools v2", "session_id: files persist between executions")
def runtools_v2_session(world):
    _, session = _v2(world, code="open('notes.txt', 'w').write('kept')")
    same(_v2(world, session, code="print(open('notes.txt').read())"), ("kept\n", session))
    same(_v2(world, session, language="bash", code="cat notes.txt; echo more >> notes.txt"), ("kept", session))
    same(_v2(world, session, files=[{"name": "main.py", "content": "print(open('notes.txt').read())"}]), ("keptmore\n\n", session))


@sample("RunTools v2", "session_id: installed packages persist within the session")
def runtools_v2_packages(world):
    install = ("import os, site\nroot = os.path.join(site.getusersitepackages(), 'greeting')\nos.makedirs(root)\n"
               "open(os.path.join(root, '__init__.py'), 'w').write('hello = \\'from a package\\'')")
    _, session = _v2(world, code=install)
    same(_v2(world, session, code="import greeting; print(greeting.hello)"), ("from a package\n", session))


@sample("RunTools v2", "session_id: env vars persist within the session")
def runtools_v2_env(world):
    """Its requests have no field for them: they are the session's from its making."""
    session = world.post("/v1/sessions", {"env": {"STAGE": "test"}})["id"]
    for _ in range(2):
        same(_v2(world, session, code="import os; print(os.environ['STAGE'])"), ("test\n", session))


@sample("RunTools v2", "session_id: each session has its own filesystem")
def runtools_v2_apart(world):
    _, first = _v2(world, code="open('mine', 'w')")
    other, second = _v2(world, code="import os; print(os.path.exists('mine'))")
    assert first != second and other == "False\n", (first, second, other)


# --- RunTools, the older documents ---

V1 = {
    "quick_start": '"15\\n" 0 true\n', "python": "Sum: 15\nMean: 3.0\nStd: 1.41\n", "go": "Sum: 15\n",
    "node": "Squares: [\n   0,  1,  4,  9, 16,\n  25, 36, 49, 64, 81\n]\nSum: 285\n",  # in one line in the document
    "rust": "Numbers: [1, 2, 3, 4, 5]\nSum: 15\n", "several_files": "Hello, World!\n", "timeout": "Execution timed out\n",
    "stdin": "What's your name? Hello, Alice!\n",
    "error": "1\nTraceback (most recent call last):\nValueError: Something went wrong\n",
}


def runtools_v1(name):
    return lambda world: same(world.node("runtools_v1.mjs", name), V1[name])


for name in V1:
    sample("RunTools v1", name)(runtools_v1(name))


def _cli(world, *words):
    directory = paths.CLIENTS / "cli"
    (directory / "src").mkdir(parents=True, exist_ok=True)
    (directory / "script.py").write_text("print('from a file')\n")
    (directory / "src" / "main.py").write_text("import helper\nprint(helper.text)\n")
    (directory / "src" / "helper.py").write_text("text = 'from two files'\n")
    return world.run(paths.sandglass(), "exec", "--runtime", "python", *words, directory=directory)


@sample("RunTools v1", "exec --runtime python \"print(1 + 1)\"")
def cli_text(world):
    same(_cli(world, "print(1 + 1)"), "2\n")


@sample("RunTools v1", "exec --runtime python ./script.py")
def cli_file(world):
    same(_cli(world, "./script.py"), "from a file\n")


@sample("RunTools v1", "exec --runtime python --entry main.py ./src/")
def cli_directory(world):
    same(_cli(world, "--entry", "main.py", "./src/"), "from two files\n")


# --- Nadoo ---

NADOO = """curl -s -X POST http://localhost:8002/api/v1/execute \\
  -H "X-API-Key: your-api-key" \\
  -H "Content-Type: application/json" \\
  -d '%s'"""


def _nadoo(world, body, stdout):
    result = world.shell(NADOO % body)
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", result.pop("execution_id")), result
    assert 0 < result.pop("execution_time") < 60
    language = json.loads(body)["language"]
    same(result, {"stdout": stdout, "stderr": "", "exit_code": 0, "language": language, "session_id": None})


@sample("Nadoo", "Python")
def nadoo_python(world):
    _nadoo(world, r"""{
    "code": "print(\"Hello, World!\")\nprint(2 + 2)",
    "language": "python"
  }""", "Hello, World!\n4\n")


@sample("Nadoo", "JavaScript")
def nadoo_javascript(world):
    _nadoo(world, r"""{
    "code": "console.log(\"Hello from Node.js\");",
    "language": "javascript"
  }""", "Hello from Node.js\n")


@sample("Nadoo", "standard input")
def nadoo_stdin(world):
    _nadoo(world, r"""{
    "code": "name = input(\"Enter your name: \")\nprint(f\"Hello, {name}!\")",
    "language": "python",
    "stdin": "Nadoo"
  }""", "Enter your name: Hello, Nadoo!\n")


@sample("Nadoo", "environment variables")
def nadoo_environment(world):
    _nadoo(world, r"""{
    "code": "import os\nprint(os.environ[\"API_URL\"])",
    "language": "python",
    "environment": {
      "API_URL": "https://api.example.com"
    }
  }""", "https://api.example.com\n")


@sample("Nadoo", "custom timeout")
def nadoo_timeout(world):
    _nadoo(world, r"""{
    "code": "import time\ntime.sleep(5)\nprint(\"Done!\")",
    "language": "python",
    "timeout": 10
  }""", "Done!\n")


@sample("Nadoo", "the request body with every parameter")
def nadoo_every_parameter(world):
    body = """{
    "code": "print('Hello, World!')",
    "language": "python",
    "stdin": "optional input",
    "environment": {
      "MY_VAR": "value"
    },
    "timeout": 30,
    "session_id": "optional-session-id"
  }"""
    result = world.shell(NADOO % body.replace("'", "'\\''"))
    same((result["stdout"], result["exit_code"], result["session_id"]), ("Hello, World!\n", 0, "optional-session-id"))


@sample("Nadoo", "400 for a language that there is not")
def nadoo_unsupported(world):
    detail = world.shell(NADOO % '{"code": "1", "language": "invalid"}')["detail"]
    assert detail.startswith("Unsupported language: invalid. Supported languages: python, javascript"), detail


# --- relaxAI ---

@sample("relaxAI", "curl")
def relaxai_curl(world):
    same(world.shell("""curl -s https://api.relax.ai/v1/tools/code \\
-H "Content-Type: application/json" \\
-H "Authorization: Bearer $RELAX_API_KEY" \\
-H "x-relaxai-userid: user-123" \\
-d '{ "code": "print(2**2)", "lang": "python", "timeout": 30}'""")["stdout"], "4\n")


@sample("relaxAI", "Python, relaxai")
def relaxai_python(world):
    same(world.python("relaxai_example.py"), "4\n\n")


@sample("relaxAI", "Node, as relaxai sent it")
def relaxai_node(world):
    same(world.post("/v1/tools/code", {"code": "print(2**2)", "lang": "python", "timeout": 30}, User_Agent="Relaxai/JS 0.9.1",
                    X_Stainless_Lang="js", X_Stainless_Retry_Count="0")["stdout"], "4\n")


@sample("relaxAI", "Go, as go-sdk sent it")
def relaxai_go(world):
    same(world.post("/v1/tools/code", {"code": "print(2**2)", "lang": "python", "timeout": 30}, User_Agent="Relaxai/Go 0.9.1",
                    X_Stainless_Lang="go", X_Stainless_Retry_Count="0")["stdout"], "4\n")


TOOL_LOOP = f"Code executed: {FACTORIAL}\nOutput: 120\n\n"


@sample("relaxAI", "OpenAI's tool loop, Python")
def tool_loop_python(world):
    same(world.python("tool_loop.py"), TOOL_LOOP)


@sample("relaxAI", "OpenAI's tool loop, Node")
def tool_loop_node(world):
    same(world.node("tool_loop.mjs"), TOOL_LOOP)


def relaxai_example(code, fields, expected, also):
    return lambda world: relaxai_examples.check(world.post("/v1/tools/code", {"code": code, "lang": "python", **fields}), expected, also)


for name, *example in relaxai_examples.EXAMPLES:
    sample("relaxAI", name)(relaxai_example(*example))


# --- the model that wants code to be run ---

class Model(http.server.BaseHTTPRequestHandler):
    """Answers as a model that calls the tool it was offered."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        call = {"id": "call_1", "type": "function", "function": {
            "name": asked["tools"][0]["function"]["name"], "arguments": json.dumps({"code": FACTORIAL, "lang": "python"})}}
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
        body = json.dumps({"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": asked["model"],
                           "choices": [{"index": 0, "finish_reason": "tool_calls", "message": message}]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def scripted_model():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Model) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1/"
        server.shutdown()


# --- the run ---

@contextlib.contextmanager
def world_of(options):
    with scripted_model() as model:
        if options.server:
            yield World(options.server.rstrip("/"), options.key, model)
        else:
            with Server() as server:
                yield World(f"http://127.0.0.1:{server.listening_port()}", server.key, model)


def passes(world, document, title, function):
    try:
        function(world)
    except (AssertionError, KeyError, OSError, ValueError, subprocess.SubprocessError) as e:
        print(f"failed  {document}: {title}\n        {type(e).__name__}: {e}", flush=True)
        return False
    print(f"passed  {document}: {title}", flush=True)
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", help="base URL of a server that runs already")
    parser.add_argument("--key", default=os.environ.get("SANDGLASS_API_KEY", ""), help="its API key")
    parser.add_argument("--only", default="", metavar="TEXT", help="only examples whose line holds TEXT")
    options = parser.parse_args()
    paths.CLIENTS.mkdir(parents=True, exist_ok=True)
    with world_of(options) as world:
        results = [passes(world, *row) for row in ROWS if options.only in f"{row[0]}: {row[1]}"]
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    return 1 if False in results or not results else 0


if __name__ == "__main__":
    sys.exit(main())
