# SPDX-License-Identifier: Apache-2.0
"""Every field of a request reaches the program exactly as it was sent."""

import base64
import json

from lib.scenario import cases

SHOW_ARGV = "import sys, json; print(json.dumps([a.encode('utf-8', 'surrogateescape').hex() for a in sys.argv[1:]]))"
HASH_STDIN = "import sys, hashlib; d = sys.stdin.buffer.read(); print(len(d), hashlib.sha256(d).hexdigest())"


def _b64(data):
    return base64.b64encode(data).decode()


# --- code and files ---

def code_is_stored_under_the_runtimes_file_name(server):
    assert server.run("python", "print(__file__)")["stdout"] == "/work/main.py\n"


def files_as_a_list_are_written_with_their_directories(server):
    files = [{"name": "main.py", "content": "from pkg.sub import mod\nprint(mod.x, open('data/a b.txt').read())"},
             {"name": "pkg/sub/mod.py", "content": "x = 41"}, {"name": "data/a b.txt", "content": "text"}]
    assert server.run("python", files=files)["stdout"] == "41 text\n"


def files_as_a_map_are_the_same(server):
    files = {"main.py": "import other; print(other.x)", "other.py": "x = 7"}
    assert server.run("python", files=files)["stdout"] == "7\n"


def files_in_base64_arrive_byte_for_byte(server):
    data = bytes(range(256)) * 16
    files = [{"name": "main.py", "content": "print(open('blob', 'rb').read().hex())"},
             {"name": "blob", "content": _b64(data), "encoding": "base64"}]
    assert server.run("python", files=files)["stdout"].strip() == data.hex()


def a_map_may_hold_files_with_an_encoding(server):
    files = {"main.py": "print(open('blob', 'rb').read())", "blob": {"content": _b64(b"\x00\xff"), "encoding": "base64"}}
    assert server.run("python", files=files)["stdout"] == "b'\\x00\\xff'\n"


def file_text_is_utf8(server):
    files = {"main.py": "print(open('ü.txt', 'rb').read())", "ü.txt": "naïve \U0001f600 \u0000 end"}
    assert server.run("python", files=files)["stdout"] == str("naïve \U0001f600 \0 end".encode()) + "\n"


def a_hundred_files_are_written(server):
    files = {"main.py": "import os; print(sum(int(open(f'd{i % 7}/{i}').read()) for i in range(99)))"}
    files.update({f"d{i % 7}/{i}": str(i) for i in range(99)})
    assert server.run("python", files=files)["stdout"] == f"{sum(range(99))}\n"


def the_entrypoint_chooses_the_program(server):
    files = {"a.py": "print('a')", "b.py": "print('b')"}
    for name in files:
        assert server.run("python", files=files, entrypoint=name)["stdout"] == name[0] + "\n"


def without_an_entrypoint_the_usual_name_or_the_first_source_is_run(server):
    assert server.run("python", files={"z.txt": "", "main.py": "print('main')", "a.py": ""})["stdout"] == "main\n"
    assert server.run("python", files={"z.txt": "", "b.py": "print('b')", "c.py": ""})["stdout"] == "b\n"
    assert server.run("python", files={"script": "print('only')"})["stdout"] == "only\n"


@cases("missing.py", "../main.py", "/work/main.py", "", 5, None)
def an_entrypoint_that_is_no_file_of_the_request_is_refused(server, entrypoint):
    reply = server.execute("python", files={"main.py": ""}, entrypoint=entrypoint)
    assert reply.status == 400 and reply.error["field"] == "entrypoint", reply


@cases("../x", "/etc/passwd", "a/../../x", "", ".", "..", "a//b", "a/./b", "a/", "x\0y", "n" * 256, "d/" * 600 + "x")
def file_names_that_leave_the_working_directory_are_refused(server, name):
    for files in ([{"name": "main.py", "content": ""}, {"name": name, "content": ""}], {"main.py": "", name: ""}):
        reply = server.execute("python", files=files)
        assert reply.status == 400 and reply.error["field"].startswith("files"), reply


def a_file_that_needs_a_directory_where_a_file_is_is_refused(server):
    reply = server.execute("python", files={"main.py": "", "a": "", "a/b": ""})
    assert (reply.status, reply.error["code"]) == (400, "invalid_field"), reply


def a_name_like_an_option_is_a_name(server):
    for language in ("python", "bash"):
        files = {"-c": "print('script')" if language == "python" else "echo script", "-rf": ""}
        assert server.run(language, files=files, entrypoint="-c")["stdout"] == "script\n"
    assert server.run("c", files={"--version.c": '#include <stdio.h>\nint main(void){puts("compiled");}'})["stdout"] == "compiled\n"


def the_same_file_twice_is_refused(server):
    reply = server.execute("python", files=[{"name": "main.py", "content": "1"}, {"name": "main.py", "content": "2"}])
    assert reply.status == 400, reply


def hostile_but_legal_file_names_are_just_names(server):
    names = ["$(id)", "a;b", "a|b", "`x`", "new\nline", "'q'", '"', "\\", "*", "~", "%s", "\x01", " lead", "é\u0301", "n" * 255]
    files = {"main.py": "import os, json; print(json.dumps(sorted(os.listdir('.'))))", **{n: "" for n in names}}
    assert json.loads(server.run("python", files=files)["stdout"]) == sorted(names + ["main.py"])


# --- args ---

@cases("", " ", "a b", "'", '"', "\\", "\n", "a\nb\r\n\t", "$(id)", "`id`", ";|&<>", "--help", "-c", "*", "{entry}", "{args}", "é\U0001f600",
       "\x01\x7f", "x" * 100 * 1024)
def an_argument_arrives_byte_for_byte(server, text):
    out = server.run("python", SHOW_ARGV, args=["first", text, "last"])
    assert json.loads(out["stdout"]) == [a.encode().hex() for a in ("first", text, "last")], out["stdout"][:300]


def a_hundred_arguments_arrive_in_order(server):
    args = [str(i) * (i % 5) for i in range(100)]
    assert json.loads(server.run("python", SHOW_ARGV, args=args)["stdout"]) == [a.encode().hex() for a in args]


def bash_and_node_and_c_get_their_arguments_too(server):
    args = ["a b", "", "$x", "l\n2"]
    bash = server.run("bash", 'for a in "$@"; do printf "<%s>" "$a"; done', args=args)["stdout"]
    node = server.run("javascript", "for (const a of process.argv.slice(2)) process.stdout.write(`<${a}>`)", args=args)["stdout"]
    program = '#include <stdio.h>\nint main(int c, char **v){for(int i=1;i<c;i++)printf("<%s>",v[i]);}'
    assert bash == node == server.run("c", program, args=args)["stdout"] == "<a b><><$x><l\n2>"


@cases("a\0b", 5, None, True, ["x"], {})
def an_argument_that_is_no_text_is_refused(server, value):
    reply = server.execute("python", "0", args=["ok", value])
    assert reply.status == 400 and reply.error["field"] == "args[1]", reply


# --- env ---

def variables_arrive_byte_for_byte(server):
    env = {"A": "", "B": "a b\n'\"$x\\", "lower_case": "=x=", "U": "ü\U0001f600", "LONG": "v" * 102400}
    out = server.run("python", f"import os, json; print(json.dumps({{k: os.environ[k] for k in {list(env)!r}}}))", env=env)
    assert json.loads(out["stdout"]) == env


def variables_win_over_the_documented_minimum_and_nothing_else_is_there(server):
    out = server.run("bash", "env -0 | sort -z | tr '\\0' '\\n'", env={"LANG": "C", "MINE": "1"})["stdout"]
    names = {line.partition("=")[0] for line in out.splitlines()} - {"_", "SHLVL", "PWD", "OLDPWD"}
    assert names == {"HOME", "LANG", "MINE", "PATH", "TMPDIR", "USER"} and "LANG=C\n" in out, out


@cases("", "A=B", "A\0B", "k" * 4097)
def a_variable_name_that_cannot_be_one_is_refused(server, name):
    reply = server.execute("bash", "true", env={name: "x"})
    assert reply.status == 400 and reply.error["field"].startswith("env"), reply


@cases(5, None, [], "a\0b", "v" * 102401)
def a_variable_value_that_is_no_text_is_refused(server, value):
    reply = server.execute("bash", "true", env={"NAME": value})
    assert reply.status == 400 and reply.error["field"] == "env.NAME", reply


# --- stdin ---

def without_stdin_there_is_nothing_to_read(server):
    for more in ({}, {"stdin": ""}):
        assert server.run("python", HASH_STDIN, **more)["stdout"].startswith("0 ")


def stdin_arrives_byte_for_byte(server):
    text = "line\r\n\0 ü\U0001f600 no newline at end"
    assert server.run("bash", "od -An -v -tx1 | tr -d ' \\n'", stdin=text)["stdout"] == text.encode().hex()


def ten_mebibytes_of_stdin_arrive(server):
    import hashlib
    text = ("0123456789abcdef" * 64 + "\n") * 10230
    text += "x" * (10485760 - len(text))
    expected = f"{len(text)} {hashlib.sha256(text.encode()).hexdigest()}\n"
    assert server.run("python", HASH_STDIN, stdin=text)["stdout"] == expected


def a_program_that_does_not_read_its_stdin_ends_all_the_same(server):
    assert server.run("bash", "echo done", stdin="x" * 5_000_000)["stdout"] == "done\n"


# --- engine and output_encoding ---

@cases("native", "auto")
def the_native_engine_runs(server, engine):
    assert server.run("python", "print(1)", engine=engine)["engine"] == "native"


@cases("wasm", "docker", "", "Native", 1, None)
def an_engine_that_the_runtime_lacks_is_refused(server, engine):
    reply = server.execute("python", "0", engine=engine)
    assert reply.status == 400 and reply.error["field"] == "engine", reply


@cases("hex", "", "BASE64", 5, None)
def an_unknown_output_encoding_is_refused(server, encoding):
    reply = server.execute("python", "0", output_encoding=encoding)
    assert reply.status == 400 and reply.error["field"] == "output_encoding", reply


# --- code and files together ---

def exactly_one_of_code_and_files_is_needed(server):
    both = server.execute("python", "0", files={"main.py": ""})
    neither = server.execute("python")
    assert both.status == 400 and both.error["field"] in ("files", "code"), both
    assert neither.status == 400 and neither.error["code"] == "missing_field", neither


@cases([], {}, None, "main.py", 5, [5], [{}], [{"name": "a"}], [{"name": 5, "content": ""}],
       [{"name": "a", "content": 5}], {"a": 5}, [{"name": "a", "content": "", "mode": 7}])
def malformed_files_are_refused(server, files):
    reply = server.execute("python", files=files)
    assert reply.status == 400 and reply.error["field"].startswith("files"), reply


@cases("%%%", "A", "AAA", "AA=A", "AA==\n", "AAAA=", "A===")
def malformed_base64_is_refused(server, content):
    files = [{"name": "main.py", "content": content, "encoding": "base64"}]
    reply = server.execute("python", files=files)
    assert reply.status == 400 and reply.error["field"] == "files[0].content", reply


def empty_code_is_an_empty_program(server):
    result = server.run("python", "")
    assert (result["status"], result["stdout"]) == ("ok", ""), result
