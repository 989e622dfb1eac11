# SPDX-License-Identifier: Apache-2.0
"""Compiled languages: two stages with limits of their own, and what goes from the one to the other."""

import base64

COMPILE_FIELDS = {"status", "stdout", "stderr", "exit_code", "signal", "stdout_truncated", "stderr_truncated", "wall_time_ms", "cpu_time_ms",
                  "memory_peak_bytes"}


def a_compile_that_went_well_is_described(server):
    result = server.run("c", "int main(void) { return 7; }")
    assert (result["status"], result["exit_code"]) == ("error", 7), result
    assert COMPILE_FIELDS <= set(result["compile"]) and result["compile"]["status"] == "ok", result
    assert result["compile"]["wall_time_ms"] > 0 and result["wall_time_ms"] > 0, result


def languages_without_a_compiler_have_no_compile(server):
    assert server.run("bash", "true").get("compile") is None


def warnings_are_in_the_compile_and_do_not_stop_the_run(server):
    result = server.run("c", "#warning look here\nint main(void) { return 0; }")
    assert result["status"] == "ok" and "look here" in result["compile"]["stderr"] and result["stderr"] == "", result


def several_sources_and_headers_are_compiled_together(server):
    files = {"main.c": '#include <stdio.h>\n#include "inc/add.h"\nint main(void) { printf("%d\\n", add(2, 3)); }',
             "inc/add.h": "int add(int, int);", "add.c": '#include "inc/add.h"\nint add(int a, int b) { return a + b; }'}
    assert server.run("c", files=files)["stdout"] == "5\n"


def the_program_finds_the_files_that_were_sent_and_nothing_the_compiler_left(server):
    files = {"main.c": '#include <stdio.h>\n#include <dirent.h>\nint main(void) { DIR *d = opendir("."); struct dirent *e; '
                       'while ((e = readdir(d))) if (e->d_name[0] != \'.\') puts(e->d_name); }',
             "data.txt": "x", "leave.h": "_Pragma(\"GCC poison\")"}
    assert sorted(server.run("c", files=files)["stdout"].split()) == ["data.txt", "leave.h", "main", "main.c"]


def the_artefact_cannot_be_changed_by_the_run(server):
    code = '#include <stdio.h>\n#include <fcntl.h>\nint main(int c, char **v) { printf("%d\\n", open(v[0], O_WRONLY)); }'
    assert server.run("c", code)["stdout"] == "-1\n"


def stdin_args_and_env_are_for_the_run_only(server):
    code = '#include <stdio.h>\n#include <stdlib.h>\nint main(int c, char **v) { printf("%s %s %c\\n", v[1], getenv("V"), getchar()); }'
    assert server.run("c", code, args=["a"], env={"V": "v", "CPATH": "/nowhere", "GCC_EXEC_PREFIX": "/nowhere"}, stdin="s")["stdout"] == "a v s\n"


def a_compiler_that_crashes_or_floods_is_a_compile_error(server):
    result = server.run("c", '#include "/dev/stdin"\nerror', stdin="int x;")
    assert result["status"] == "compile_error", result
    flood = "#define E _Pragma(\"GCC error \\\"" + "x" * 200 + "\\\"\")\n" + "E\n" * 20000 + "int main(void){}"
    result = server.run("c", flood, limits={"output_bytes": 10000})
    assert result["status"] == "compile_error" and result["compile"]["stderr_truncated"] and len(result["compile"]["stderr"]) <= 10000, result["compile"]["status"]


def a_native_binary_runs_as_it_was_sent(server):
    compiled = server.run("c", _SELF_COPY, output_encoding="base64")
    program = base64.b64decode(compiled["stdout"])
    assert program[:4] == b"\x7fELF", compiled
    files = [{"name": "tool", "content": base64.b64encode(program).decode(), "encoding": "base64"}]
    result = server.run("binary", files=files, output_encoding="base64")
    assert base64.b64decode(result["stdout"]) == program and "compile" not in result or result["compile"] is None


def compile_and_run_at_full_speed_never_meet_a_busy_file(server):
    import concurrent.futures
    code = "int main(void) { return 0; }"
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        statuses = {r["status"] for r in pool.map(lambda _: server.run("c", code), range(60))}
    assert statuses == {"ok"}, statuses


_SELF_COPY = r"""
#include <stdio.h>
int main(void)
{
	FILE *self = fopen("/proc/self/exe", "rb");
	char block[65536];
	for (size_t n; (n = fread(block, 1, sizeof(block), self)) > 0;)
		fwrite(block, 1, n, stdout);
	return 0;
}
"""
