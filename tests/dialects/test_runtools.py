# SPDX-License-Identifier: Apache-2.0
"""RunTools, both generations: the examples of its documents, and what they leave open."""

from lib.scenario import cases


def _v2(server, status=200, path="/runtools/v1/execute", **fields):
    reply = server.post(path, fields)
    assert reply.status == status, reply
    return reply.json


def _v1(server, path="/v1/execute", **fields):
    reply = server.post(path, fields)
    assert reply.status == 200 and list(reply.json) == ["data"], reply
    return reply.json["data"]


# --- the second generation ---

def the_sum_of_its_documents(server):
    result = _v2(server, language="python", code="print(sum(range(1, 101)))")
    time, memory = result["run"].pop("time_ms"), result["run"].pop("memory_kb")
    assert isinstance(time, int) and isinstance(memory, int) and memory > 0 and result["session_id"].startswith("ses_")
    assert result == {"language": "python", "version": result["version"], "session_id": result["session_id"],
                      "run": {"stdout": "5050\n", "stderr": "", "code": 0, "signal": None}}


@cases(("python", "print(6 * 7)"), ("javascript", "console.log(6 * 7)"), ("typescript", "const n: number = 42; console.log(n)"),
       ("bash", "echo $((6 * 7))"), ("c", '#include <stdio.h>\nint main(void) { puts("42"); }'),
       ("c++", "#include <iostream>\nint main() { std::cout << 42 << std::endl; }"),
       ("go", 'package main\nimport "fmt"\nfunc main() { fmt.Println(42) }'), ("ruby", "puts 6 * 7"),
       ("rust", 'fn main() { println!("{}", 6 * 7); }'),
       ("java", "public class Main { public static void main(String[] a) { System.out.println(6 * 7); } }"),
       ("csharp", "class P { static void Main() { System.Console.WriteLine(6 * 7); } }"))
def each_of_its_eleven_languages_runs_under_its_name(server, language, code):
    result = _v2(server, language=language, code=code)
    assert (result["language"], result["run"]["stdout"], result["run"]["code"]) == (language, "42\n", 0), result


def compiled_languages_have_a_compile_field_and_others_none(server):
    assert "compile" not in _v2(server, language="python", code="")
    compiled = _v2(server, language="c", code="int main(void) { return 7; }")
    assert set(compiled["compile"]) == {"stdout", "stderr", "code", "time_ms", "memory_kb"}
    assert compiled["compile"]["code"] == 0 and compiled["run"]["code"] == 7


def what_did_not_compile_is_told_twice(server):
    result = _v2(server, language="c", code="int main(void) {")
    assert result["compile"]["code"] == 1 and "error" in result["compile"]["stderr"] and result["run"] == {**result["compile"], "signal": None}, result


def a_compiler_out_of_time_has_a_number_too(server):
    result = _v2(server, language="c", code="int main(void) { return 11; }", compile_timeout=1)
    assert result["compile"]["code"] == 124 and (result["run"]["code"], result["run"]["signal"]) == (None, "SIGKILL"), result


def a_program_out_of_time_was_killed(server):
    result = _v2(server, language="python", code="import time; print(1, flush=True); time.sleep(9)", run_timeout=300)
    assert (result["run"]["code"], result["run"]["signal"], result["run"]["stdout"]) == (None, "SIGKILL", "1\n"), result


def files_need_no_names_and_a_version_is_any_selector(server):
    files = [{"content": "import helper; print(helper.x, input())"}, {"name": "helper.py", "content": "x = 5"}]
    result = _v2(server, language="py3", version="*", files=files, stdin="in\n")
    assert result["run"]["stdout"] == "5 in\n" and result["language"] == "python", result


@cases("*", "", "x", "3.x", "^3", "~3.13", "3", ">=3.1 <4")
def versions_are_selected_as_piston_selects_them(server, selector):
    result = _v2(server, language="python", code="print(1)", version=selector)
    assert result["run"]["stdout"] == "1\n" and result["version"].startswith("3."), result


@cases("2.x", "^4", "klingon", ">3.99")
def a_version_that_is_not_there_is_refused(server, selector):
    assert selector in _v2(server, 400, language="python", code="print(1)", version=selector)["error"]["message"]


def files_stay_in_a_session(server):
    for path in ("/v1/execute", "/runtools/v1/execute"):
        name = "abc-123-def" + path.replace("/", "-")
        first = _v2(server, path=path, language="python", code="open('x', 'w').write('kept')", session_id=name)
        second = _v2(server, path=path, language="python", code="print(open('x').read())", session_id=name)
        assert first["session_id"] == second["session_id"] == name and second["run"]["stdout"] == "kept\n", second


def a_request_without_a_session_is_told_of_one_for_the_next(server):
    session = _v2(server, language="python", files=[{"name": "m.py", "content": "x = 5"}, {"name": "main.py", "content": "import m"}], session_id=None)["session_id"]
    result = _v2(server, language="python", code="import m; print(m.x)", session_id=session)
    assert result["run"]["stdout"] == "5\n" and result["session_id"] == session, result
    assert _v2(server, 404, language="python", code="1", session_id="ses_01m7wzabxed5dreh89qxpcvjsq")["error"]["code"] == "not_found"


def a_timeout_above_the_servers_maximum_is_an_error_that_names_it(server):
    error = _v2(server, 400, language="python", code="", run_timeout=300001)["error"]
    assert "run_timeout" in error["message"] and "300000" in error["message"], error


def without_a_mount_its_own_fields_tell(server):
    for field in ("run_timeout", "compile_timeout"):
        result = _v2(server, path="/v1/execute", language="python", code="print(1)", **{field: 5000})
        assert set(result) == {"language", "version", "session_id", "run"}, result


def runtimes_are_listed(server):
    rows = server.get("/runtools/v1/runtimes").json
    assert all(set(row) == {"language", "version", "aliases", "compiled"} for row in rows)
    cpp = [row for row in rows if row["language"] == "c++"][0]
    assert "cpp" in cpp["aliases"] and cpp["compiled"] is True


@cases(({"language": "python"}, 400, "bad_request"), ({"code": "1"}, 400, "bad_request"),
       ({"language": "klingon", "code": "1"}, 400, "bad_request"), (b"{", 400, "bad_request"))
def errors_have_its_shape(server, body, status, code):
    reply = server.post("/runtools/v1/execute", body)
    assert reply.status == status and set(reply.json) == {"error"} and set(reply.error) == {"code", "message", "requestId"}, reply
    assert reply.error["code"] == code and reply.error["requestId"] == reply.header("X-Request-Id"), reply


def without_a_key_it_is_unauthorized(server):
    reply = server.post("/runtools/v1/execute", {"language": "python", "code": "1"}, headers=())
    assert reply.status == 401 and reply.error["code"] == "unauthorized", reply
    reply = server.get("/runtools/v1/nothing")
    assert reply.status == 404 and reply.error["code"] == "not_found", reply


# --- the first generation: the samples of its page ---

NUMPY = """
import numpy as np

arr = np.array([1, 2, 3, 4, 5])
print(f"Sum: {arr.sum()}")
print(f"Mean: {arr.mean()}")
print(f"Std: {arr.std():.2f}")
  """
NODE = """
const numbers = Array.from({ length: 10 }, (_, i) => i * i);
console.log('Squares:', numbers);
console.log('Sum:', numbers.reduce((a, b) => a + b, 0));
  """
GO = """
package main

import "fmt"

func main() {
    sum := 0
    for i := 1; i <= 5; i++ {
        sum += i
    }
    fmt.Printf("Sum: %d\\n", sum)
}
  """
RUST = """
fn main() {
    let numbers: Vec<i32> = (1..=5).collect();
    let sum: i32 = numbers.iter().sum();
    println!("Numbers: {:?}", numbers);
    println!("Sum: {}", sum);
}
  """


@cases(("python", "print(sum([1, 2, 3, 4, 5]))", "15\n"), ("python", NUMPY, "Sum: 15\nMean: 3.0\nStd: 1.41\n"),
       ("node", NODE, "Squares: [\n   0,  1,  4,  9, 16,\n  25, 36, 49, 64, 81\n]\nSum: 285\n"), ("go", GO, "Sum: 15\n"),
       ("rust", RUST, "Numbers: [1, 2, 3, 4, 5]\nSum: 15\n"))
def samples_print_what_its_page_says(server, runtime, code, output):
    data = _v1(server, runtime=runtime, code=code)
    assert isinstance(data.pop("executionTime"), int)
    assert data == {"stdout": output, "stderr": "", "exitCode": 0, "timedOut": False}, data


@cases("bun", "deno", "node")
def every_javascript_is_there(server, runtime):
    assert _v1(server, runtime=runtime, code="console.log(1 + 1)")["stdout"] == "2\n"


@cases(("php", "<?php echo 1 + 1, PHP_EOL;"), ("ruby", "puts 1 + 1"))
def so_are_those_of_its_reference_page(server, runtime, code):
    assert _v1(server, runtime=runtime, code=code)["stdout"] == "2\n"


def multiple_files(server):
    files = {"main.py": '\nimport helper\nprint(helper.greet("World"))\n    ',
             "helper.py": '\ndef greet(name):\n    return f"Hello, {name}!"\n    '}
    assert _v1(server, runtime="python", files=files, entrypoint="main.py")["stdout"] == "Hello, World!\n"


def timeouts(server):
    data = _v1(server, runtime="python", code="import time; time.sleep(60)", timeout=500)
    assert data["timedOut"] is True and data["exitCode"] == 124 and 500 <= data["executionTime"] < 5000, data


def stdin_input(server):
    code = '\nname = input("What\'s your name? ")\nprint(f"Hello, {name}!")\n  '
    assert _v1(server, runtime="python", code=code, stdin="Alice\n")["stdout"] == "What's your name? Hello, Alice!\n"


def error_handling(server):
    data = _v1(server, runtime="python", code='raise ValueError("Something went wrong")')
    assert data["exitCode"] == 1 and data["stderr"].startswith("Traceback"), data
    assert data["stderr"].endswith("ValueError: Something went wrong\n"), data


def environment_and_the_mount(server):
    data = _v1(server, "/runtools/v1/execute", runtime="python", code="import os; print(os.environ['A'])", env={"A": "b=c"})
    assert data["stdout"] == "b=c\n"


def a_signal_is_an_exit_code_too(server):
    assert _v1(server, runtime="python", code="import os; os.kill(os.getpid(), 11)")["exitCode"] == 128 + 11


def code_and_files_exclude_each_other(server):
    reply = server.post("/v1/execute", {"runtime": "python", "code": "1", "files": {"a.py": ""}})
    assert reply.status == 400 and "code" in reply.error["message"] and "requestId" in reply.error, reply


# --- its command line ---

def its_commands_are_ours(server):
    import os
    import pathlib
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        src = pathlib.Path(folder, "src")
        src.mkdir()
        pathlib.Path(folder, "script.py").write_text("print('script')\n", encoding="utf-8")
        (src / "main.py").write_text("import helper\nhelper.run()\n", encoding="utf-8")
        (src / "helper.py").write_text("def run():\n    print('files')\n", encoding="utf-8")
        env = {"SANDGLASS_API_KEY": server.key, "SANDGLASS_URL": f"http://127.0.0.1:{server.port}"}
        old = os.getcwd()
        os.chdir(folder)
        try:
            for words, output in ((("print(1 + 1)",), b"2\n"), (("./script.py",), b"script\n"),
                                  (("--entry", "main.py", "./src/"), b"files\n")):
                done = server.cli("exec", "--runtime", "python", *words, env=env)
                assert (done.returncode, done.stdout, done.stderr) == (0, output, b""), done
        finally:
            os.chdir(old)
