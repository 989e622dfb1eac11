# SPDX-License-Identifier: Apache-2.0
"""The command line, end to end: against a server, and with the one it starts itself."""

import json
import os
import pathlib

from lib.scenario import cases
from lib.server import Server


def _exec(server, *words, stdin=b"", **env):
    return server.cli("exec", *words, stdin=stdin, env={"SANDGLASS_URL": f"http://127.0.0.1:{server.listening_port()}",
                                                        "SANDGLASS_API_KEY": server.key, **env})


def _local(server, *words, stdin=b""):
    return server.cli("exec", "--config", server.config_path(), *words, stdin=stdin)


def _file(server, name, text):
    path = pathlib.Path(server.dir, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def inline_text_runs_on_the_server(server):
    done = _exec(server, "--runtime", "python", "print(6 * 7)")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"42\n", b""), done


@cases(0, 1, 42, 255)
def the_exit_status_is_the_programs(server, code):
    done = _exec(server, "--runtime", "bash", f"echo out; echo err >&2; exit {code}")
    assert (done.returncode, done.stdout, done.stderr) == (code, b"out\n", b"err\n"), done


def a_signal_is_128_and_its_number(server):
    assert _exec(server, "--runtime", "bash", "kill -SEGV $$").returncode == 139


def a_file_tells_its_runtime_by_its_name(server):
    assert _exec(server, _file(server, "x.py", "print('py')")).stdout == b"py\n"
    assert _exec(server, _file(server, "x.js", "console.log('js')")).stdout == b"js\n"
    assert _exec(server, _file(server, "x.c", '#include <stdio.h>\nint main(void){puts("c");}')).stdout == b"c\n"


def a_directory_runs_with_its_entry(server):
    _file(server, "project/app.py", "from lib.x import y; print(y)")
    _file(server, "project/lib/x.py", "y = 'whole tree'")
    done = _exec(server, "--runtime", "python", "--entry", "app.py", os.path.join(server.dir, "project"))
    assert done.stdout == b"whole tree\n", done


def a_dash_reads_the_program_from_stdin(server):
    assert _exec(server, "--runtime", "bash", "-", stdin=b"echo from stdin").stdout == b"from stdin\n"


def stdin_goes_to_the_program(server):
    assert _exec(server, "--runtime", "bash", "cat; echo end", stdin=b"a\n\xff\0b").stdout == b"a\n\xff\0bend\n"


def variables_and_arguments_arrive(server):
    done = _exec(server, "--runtime", "bash", "--env", "A=b c", "--arg", "x y", "--arg", "", 'echo "$A|$1|$#"')
    assert done.stdout == b"b c|x y|2\n", done


def a_timeout_is_124_and_says_so(server):
    done = _exec(server, "--runtime", "bash", "--timeout", "300ms", "echo begun; sleep 60")
    assert done.returncode == 124 and done.stdout == b"begun\n" and len(done.stderr.splitlines()) == 1, done


def json_is_the_servers_answer(server):
    done = _exec(server, "--runtime", "bash", "--json", "exit 3")
    answer = json.loads(done.stdout)
    assert (answer["status"], answer["exit_code"]) == ("error", 3), done


def binary_output_is_written_as_it_is(server):
    done = _exec(server, "--runtime", "python", "import sys; sys.stdout.buffer.write(bytes(range(256)))")
    assert done.stdout == bytes(range(256)), done


def errors_are_one_line_and_say_what_to_do(server):
    wrong = [(("--runtime", "klingon", "x"), {}), (("--runtime", "bash", "x"), {"SANDGLASS_API_KEY": "wrong"}), ((), {}), (("--nonsense",), {}),
             (("/no/such/file.py",), {}), (("--runtime", "bash", "x"), {"SANDGLASS_URL": "http://127.0.0.1:1"})]
    for words, env in wrong:
        done = _exec(server, *words, **env)
        lines = done.stderr.decode().splitlines()
        assert done.returncode >= 64 and len(lines) == 1 and lines[0].startswith("sandglass"), (words, done)


def runtimes_are_listed(server):
    done = server.cli("runtimes", env={"SANDGLASS_URL": f"http://127.0.0.1:{server.listening_port()}", "SANDGLASS_API_KEY": server.key})
    assert done.returncode == 0 and b"python" in done.stdout and b"3." in done.stdout, done


# --- without a server ---

def without_a_server_the_code_runs_in_a_jail_of_its_own():
    with Server(start=False, keys=0) as server:
        done = _local(server, "--runtime", "python", "import os; print(os.getpid() < 10, os.getuid() != 0)")
        assert (done.returncode, done.stdout) == (0, b"True True\n"), done
        assert _local(server, "--runtime", "bash", "exit 9").returncode == 9
        assert not server.processes() and not server.cgroups()


def an_interrupted_exec_leaves_nothing():
    import signal
    import subprocess
    from lib import host, paths
    from lib.client import wait_until
    from lib.server import own_environment
    with Server(start=False, keys=0) as server:
        process = subprocess.Popen([paths.sandglass(), "exec", "--config", server.config_path(), "--runtime", "bash", "sleep 1000"],
                                   env=own_environment(), stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, start_new_session=True,
                                   preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))  # a shell's background job ignores it
        server.session = process.pid
        wait_until(lambda: any("sleep 1000" == host.command_line(p) for p in server.processes()))
        daemon = next(p for p in server.processes() if "sandglassd" in host.command_line(p))
        process.send_signal(signal.SIGINT)
        process.wait(20)
        wait_until(lambda: not server.processes() and not host.cgroups_below(f"sandglass.{daemon}"))


# --- keys, doctor and the rest ---

def keys_are_made_listed_and_revoked():
    with Server(start=False, keys=0) as server:
        config = ("--config", server.config_path())
        made = server.cli("keys", "create", "--name", "mine", *config)
        key = made.stdout.decode().strip()
        assert made.returncode == 0 and key.startswith("sg_") and len(key) == 52, made
        listed = json.loads(server.cli("keys", "list", "--json", *config).stdout)
        assert [(k["name"], k["revoked_ms"]) for k in listed] == [("mine", None)] and "key" not in listed[0], listed
        assert server.cli("keys", "revoke", listed[0]["id"], *config).returncode == 0
        assert json.loads(server.cli("keys", "list", "--json", *config).stdout)[0]["revoked_ms"]
        assert server.cli("keys", "revoke", "key_unknown", *config).returncode != 0


def doctor_names_every_requirement(server):
    done = server.cli("doctor", "--config", server.config_path())
    text = done.stdout.decode().lower()
    assert done.returncode in (0, 1) and all(word in text for word in ("kernel", "cgroup", "seccomp", "landlock")), done


def version_and_help_and_completion_answer(server):
    assert server.cli("version").stdout.startswith(b"sandglass ")
    assert server.cli("--version").stdout == server.cli("version").stdout
    for words in (("help",), ("help", "exec"), ("exec", "--help"), ("completion", "bash")):
        done = server.cli(*words)
        assert done.returncode == 0 and len(done.stdout) > 100, (words, done)


def config_prints_every_setting_as_the_file_takes_it(server):
    printed = server.cli("config", "--set", "runs_max=7").stdout.decode()
    assert "runs_max: 7\n" in printed, printed[:500]
    path = _file(server, "printed.yaml", printed)
    assert server.cli("config", "--config", path).stdout.decode() == printed
