# SPDX-License-Identifier: Apache-2.0
"""Parked compile stages of C and C++: all but times is what an exec answers, for good, bad and hostile programs."""

import os
import re
import signal
import time

from lib import host, paths
from lib.client import wait_until
from lib.scenario import Skip, cases
from lib.server import Server, gone

HELLO = '#include <stdio.h>\nint main(void) { puts("hello"); }\n'
HELLO_CPP = '#include <iostream>\nint main() { std::cout << "hello\\n"; }\n'
LANGUAGES = ("c", "cpp")
TOOLS = {"c": ("cc1", "as", "ld"), "cpp": ("cc1plus", "as", "ld")}


def _main(code, limits=None, name="main.c", **others):
    """A request with its main file and others by name, of which __ is a slash and a last _ a dot."""
    files = [{"name": name, "content": code}]
    files += [{"name": name.replace("__", "/").replace("_", "."), "content": text} for name, text in others.items()]
    return {"files": files, "limits": limits or {}, "stdin": "line\n"}


def _cpp(code, **more):
    return _main(code, name="main.cpp", **more)


PROGRAMS = {"c": [
    _main(HELLO), _main(""), _main("\n"), _main("int main(void) { return 3; }"), _main("int main(void)\n{\n\treturn nothing;\n}"), _main("int main(void) {"),
    _main(HELLO.replace("\n", "\r\n")), _main(HELLO.replace("\n", "\r")), _main("\ufeff" + HELLO), _main(HELLO + "\\"), _main(HELLO + "/* "), _main(HELLO + "// \\\n"),
    _main("#warning first\n#include <stdio.h>\nint f(int a) { if (a = 3) return a; }\nint main(void) { char *p = 5; return 0; }\n"),
    _main("char *s = \"\0é\";\nint main(void) { return sizeof s; }"), _main("int main(void) { return undefined_function(); }"), _main("#error no\n#include <none.h>\n"),
    _main('#include <math.h>\n#include <stdio.h>\n#include <pthread.h>\nint main(void) { volatile double x = 2; printf("%.3f %d\\n", pow(x, .5), pthread_self() != 0); }'),
    _main("#pragma GCC optimize(\"O0\")\n" + HELLO), _main("__attribute__((optimize(\"O3\"), target(\"avx2\"))) int f(int x) { return x; }\nint main(void) { return f(0); }"),
    _main("int main(void) { __asm__(\"nonsense\"); }"), _main("#warning w\nint main(void) { __asm__(\".warning \\\"careful\\\"\"); }"),
    _main('#include "lib/a.h"\n#include "b.h"\nint main(void) { return A + B - 3; }', lib__a_h='#pragma once\n#define A 1\n#include "../b.h"\n', b_h="#ifndef B\n#define B 2\n#endif\n"),
    _main('#include "a.h"\nint main(void) { return 0; }', a_h="int x = ;\n"), _main('#include "main.c"\nint main(void) { return 0; }'), _main("#pragma once\n" + HELLO),
    _main('#if __has_include("main") || __has_include("main.c.gch") || __has_include("/proc/self/fd/99") || __has_include("/proc/self/fd/3")\n#error\n#endif\n' + HELLO),
    _main(HELLO, main_c_gch="gpch.014"),
    _main('#include <stdio.h>\nint main(void) { puts(__FILE__ " " __BASE_FILE__); printf("%d %d %d\\n", __LINE__, __INCLUDE_LEVEL__, __COUNTER__); }'),
    _main('#include "/dev/stdin"\n#include "/proc/self/cmdline"\n'), _main('#include "/proc/self/fd/0"\n' + HELLO), _main('__asm__(".incbin \\"/proc/self/cmdline\\"");\n' + HELLO),
    _main(HELLO + "// " + "x" * 70000), _main(HELLO + "// " + "x" * (65536 - len(HELLO) - 3)), _main(HELLO + "// " + "x" * (65537 - len(HELLO) - 3)),
    _main("".join(f"#warning number {i}\n" for i in range(3000)) + HELLO), _main("int main(void) { return " + "(" * 100000), _main("char a[1 << 30] = {1};\nint main(void) { return a[5]; }"),
    _main("#define A(x) x x x x x x x x\n#define B(x) A(A(A(x)))\nint main(void) { return 0 B(B(B(B(+1)))); }", {"compile_time_ms": 2500}),
    _main(HELLO, {"disk_bytes": 1 << 20, "open_files": 16, "processes": 1, "memory_bytes": 8 << 20}),
    _main('#include <stdio.h>\n__attribute__((constructor)) void c(void) { puts("c"); }\nint stdout_; int main(void) { char b[99]; return !fgets(b, 99, stdin) + puts(b); }'),
], "cpp": [
    _cpp(HELLO_CPP), _cpp(""), _cpp("int main() { return 3; }"), _cpp("int main() {"), _cpp(HELLO_CPP.replace("\n", "\r\n")), _cpp("\ufeff" + HELLO_CPP), _cpp("\n// a\n/* b */" + HELLO_CPP + "\\"),
    _cpp("#include <vector>\nint main() { std::vector<int> v{1}; return v[0]; }"), _cpp("#include <bits/stdc++.h>\nusing namespace std;\nint main() { map<string, int> m; cout << m.size() << endl; }"),
    _cpp("#include <algorithm>\n#include <vector>\n#include <iostream>\nint main() { std::vector<int> v{2, 1}; std::sort(v.begin(), v.end()); std::cout << v[0] << \"\\n\"; }"),
    _cpp("#include <iostream>\nint main() { int unused; std::cout << nothing; }"), _cpp("#include <iostream>\n#include <vector>\nint main() { std::vector<int> v = \"a\"; std::map<int, int> m; }"),
    _cpp("#warning w\n#include <iostream>\nint main() { std::cout << 1; }"), _cpp("int main() { int x; char c = 300; return nowhere(c); }"), _cpp("#include <iostream>\nint nowhere();\nint main() { return nowhere(); }"),
    _cpp("#define private public\n#include <iostream>\nint main() { std::cout << __cplusplus << __FILE__ << __BASE_FILE__ << __LINE__ << __COUNTER__ << __INCLUDE_LEVEL__; }"), _cpp("#pragma GCC optimize(\"O0\")\n" + HELLO_CPP),
    _cpp('#include <iostream>\n#include "a.h"\nint main() { std::cout << A; }', a_h="#pragma once\n#define A 5\n"), _cpp('#include "a.h"\n#include <iostream>\nint main() { std::cout << A; }', a_h="#define A std::cerr\n"),
    _cpp(HELLO_CPP, main_cpp_gch="gpch.014"), _cpp('#include "main.cpp"'), _cpp(HELLO_CPP + "// " + "x" * 70000), _cpp("template <int N> struct A : A<N - 1> {};\nA<5000> a;\nint main() {}"),
    _cpp("#include <iostream>\nint main() { throw 1; }"), _cpp("#if __has_include(\"/opt/sandglass/cpp/headers/iostream.h\")\n#include \"/opt/sandglass/cpp/headers/iostream.h\"\n#endif\nint main() { std::cout << 1; }"),
    _cpp('#include "/opt/sandglass/cpp/headers/ahead.h"\n#include <iostream>\nint main() { std::cout << 1; }'),
]}


def _settings(setting):
    return {"warm": setting, "slots_ready": 3, "compile_cache_bytes": 0}


def _warm(server):
    return server.metrics()["sandglass_runs_warm_total"]


def _answer(server, language, request):
    reply = server.execute(language, **request)
    assert reply.status == 200, reply.error
    answer = reply.json
    times = {"wall_time_ms", "cpu_time_ms", "memory_peak_bytes"}
    rest = {name: value for name, value in answer.items() if name not in times | {"id", "compile"}}
    compiled = {name: value for name, value in answer["compile"].items() if name not in times}
    compiled["stderr"] = re.sub(r"/tmp/cc\w{6}\.", "/tmp/ccXXXXXX.", compiled["stderr"])
    return {**rest, "compile": compiled}


def _parked(server, language, request, within=60):
    end = time.monotonic() + within
    while True:
        before = _warm(server)
        answer = _answer(server, language, request)
        if _warm(server) > before:
            return answer
        assert time.monotonic() < end, f"no parked compiler served it: {answer}"
        time.sleep(0.3)


def _rows(server, language):
    """What capabilities say; there is nothing to park where there is only the machine's own compiler."""
    if not paths.image_names():
        raise Skip("there is no image")
    return [row for row in server.get("/v1/capabilities").json["warm"]["runtimes"] if row["id"] == language]


def _waiting_tools(server, language):
    """{name: pid} of a parked compile whose tools all wait."""
    found = {}

    def all_there():
        """the compiler, as and ld wait"""
        named = [(os.path.basename(host.command_line(pid).split(" ")[0]), pid) for pid in server.user_processes()]
        parents = [host.parent_of(pid) for name, pid in named if name == TOOLS[language][0]]
        found.update({name: pid for name, pid in named if parents and host.parent_of(pid) == parents[0]})
        return set(TOOLS[language]) <= set(found)

    wait_until(all_there)
    time.sleep(0.3)
    return found


@cases(*LANGUAGES)
def a_parked_compiler_answers_as_an_execd_one(language):
    with Server(_settings("lean")) as server:
        _rows(server, language)
        parked = [_parked(server, language, request) for request in PROGRAMS[language]]
    with Server(_settings("off")) as server:
        execd = [_answer(server, language, request) for request in PROGRAMS[language]]
    faults = [f"{request['files'][0]['content'][:80]!r}\n  exec   {one!r:.1500}\n  parked {other!r:.1500}"
              for request, one, other in zip(PROGRAMS[language], execd, parked) if one != other]
    assert not faults, "\n".join(faults)


@cases(*LANGUAGES)
def capabilities_name_the_parked_compiler(language):
    with Server(_settings("lean")) as server:
        rows = _rows(server, language)
        assert [(row["stage"], row["way"], row["why"]) for row in rows] == [("compile", "parked", "")], rows


def only_the_command_that_it_was_started_with_takes_a_parked_compiler():
    rows = [({"code": HELLO}, True), ({"code": HELLO, "args": ["a"]}, True), ({"code": HELLO, "flags": ["-O0"]}, False),
            ({"files": {"main.c": HELLO, "b.c": "int b;"}}, False), ({"files": {"other.c": HELLO}}, False), ({"code": HELLO, "env": {"CPATH": "/work"}}, True)]
    with Server(_settings("lean")) as server:
        _rows(server, "c")
        for fields, wanted in rows:
            _waiting_tools(server, "c")
            before = _warm(server)
            result = server.run("c", **fields)
            assert result["stdout"] == "hello\n" and (_warm(server) > before) == wanted, (fields, result)


@cases(*LANGUAGES)
def times_in_a_program_are_those_of_its_compile(language):
    code = '#include <stdio.h>\nint main(void) { puts(__TIMESTAMP__); puts(__DATE__ " " __TIME__); }\n'
    with Server(_settings("lean")) as server:
        _rows(server, language)
        _waiting_tools(server, language)
        time.sleep(3)
        began = time.time()
        request = _main(code, name="main." + language)
        stamp, compiled = _parked(server, language, request)["stdout"].splitlines()
        for text, form in ((stamp, "%a %b %d %H:%M:%S %Y"), (compiled, "%b %d %Y %H:%M:%S")):
            seconds = time.mktime(time.strptime(re.sub(" +", " ", text), form)) - time.timezone
            assert int(began) <= seconds <= time.time() + 1, (text, began)


@cases(*((language, tool) for language in LANGUAGES for tool in TOOLS[language]))
def a_parked_compile_whose_tools_have_died_compiles_all_the_same(language, tool):
    with Server(_settings("lean")) as server:
        _rows(server, language)
        os.kill(_waiting_tools(server, language)[tool], signal.SIGKILL)
        time.sleep(0.2)
        before = _warm(server)
        result = server.run(language, HELLO)
        assert (result["stdout"], result["compile"]["stderr"]) == ("hello\n", "") and _warm(server) > before, result


@cases(*LANGUAGES)
def nothing_waits_when_the_compile_has_ended_whatever_the_end(language):
    bomb = "#define A(x) x x x x x x x x\n#define B(x) A(A(A(x)))\nint main(void) { return 0 B(B(B(B(+1)))); }"
    with Server({**_settings("lean"), "slots_ready": 1}) as server:
        _rows(server, language)
        for code, statuses in ((HELLO, ("ok",)), ("int main(void) {", ("compile_error",)), (bomb, ("compile_error", "wall_timeout", "cpu_timeout"))):
            tools = _waiting_tools(server, language)
            result = server.run(language, code, limits={"compile_time_ms": 1500})
            assert result["status"] in statuses, result
            wait_until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in map(tools.get, TOOLS[language])))


@cases(*LANGUAGES)
def a_disconnect_while_a_parked_compiler_compiles_ends_its_tools(language):
    bomb = "#if __INCLUDE_LEVEL__ < 60\n#include __FILE__\n#include __FILE__\n#endif\n"
    with Server({**_settings("lean"), "slots_ready": 1}) as server, server.connect() as connection:
        _rows(server, language)
        tools = [_waiting_tools(server, language)[name] for name in TOOLS[language]]
        used = host.cpu_ticks(tools[0])
        connection.send(server.encoded(language, bomb))
        wait_until(lambda: host.cpu_ticks(tools[0]) > used + 10)
        connection.close()
        assert gone(tools), tools
