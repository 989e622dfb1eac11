# SPDX-License-Identifier: Apache-2.0
"""Sessions with an interpreter that stays between executes, and with processes that live on."""

import os
import threading
import time

from lib.scenario import cases
from lib.server import Server

SETTINGS = {"warm": "lean", "interpreters_max_per_key": 64, "interpreters_max": 64}

FIRST = {
    "python": ("x = 41\ndef f(): return x + 1", "f()", "42"),
    "javascript": ("const x = 41; function f() { return x + 1 }", "f()", "42"),
    "ruby": ("x = 41\ndef f(y) = y + 1\nnil", "f(x)", "42"),
    "r": ("x <- 41; f <- function() x + 1", "f()", "[1] 42"),
}
ENDLESS = {
    "python": "while True: pass", "javascript": "while (true) {}", "ruby": "while true do end", "r": "while (TRUE) {}",
    "bash": "while :; do :; done",
}
SAY = {"python": "print(x)", "javascript": "console.log(x)", "ruby": "puts x", "r": 'cat(x, "\\n", sep = "")', "bash": "echo $x"}
SET = {"python": "x = 5", "javascript": "var x = 5", "ruby": "x = 5", "r": "x <- 5", "bash": "x=5"}
EXIT = {"python": "import sys; sys.exit(3)", "javascript": "process.exit(3)", "ruby": "exit 3", "r": "quit(status = 3)",
        "bash": "exit 3"}
FAIL = {"python": "1/0", "javascript": "throw new Error('x')", "ruby": "1/0", "r": "stop('x')", "bash": "false"}

_names = iter(range(10 ** 6))


def _name():
    return f"t{os.getpid()}-{next(_names)}"


class Session:
    """One interpreter."""

    def __init__(self, server, language="python", **fields):
        self.server, self.language, self.id = server, language, _name()
        self.first = fields or {"stateful": True}

    def run(self, code, status=200, **fields):
        reply = self.server.execute(self.language, code, session_id=self.id, **self.first, **fields)
        self.first = {}
        assert reply.status == status, reply
        return reply.json

    def post(self, verb):
        return self.server.post(f"/v1/sessions/{self.id}/{verb}", {})


# --- state ---

@cases(*FIRST)
def what_one_execute_defines_the_next_one_has_and_its_value_comes_back(server, language):
    define, use, value = FIRST[language]
    session = Session(server, language)
    first = session.run(define)
    assert (first["status"], first["state"], first["state_new"]) == ("ok", "kept", True), first
    second = session.run(use)
    assert (second["result"]["text"], second["state_new"], second["state_lost"]) == (value, False, None), second


def a_shell_keeps_variables_functions_directory_and_options(server):
    session = Session(server, "bash")
    session.run("x=5; f() { echo f $x; }; cd /tmp; declare -A m=([k]=v)")
    assert session.run("f; pwd; echo ${m[k]}")["stdout"] == "f 5\n/tmp\nv\n"


@cases(*EXIT)
def code_that_asks_for_the_end_of_the_program_does_not_end_the_interpreter(server, language):
    session = Session(server, language)
    session.run(SET[language])
    ended = session.run(EXIT[language])
    assert (ended["exit_code"], ended["state"]) == (3, "kept"), ended
    assert session.run(SAY[language])["stdout"] == "5\n"


@cases(*FAIL)
def an_exception_is_told_and_the_state_is_kept(server, language):
    session = Session(server, language)
    session.run(SET[language])
    failed = session.run(FAIL[language])
    assert (failed["status"], failed["exit_code"], failed["state"]) == ("error", 1, "kept"), failed
    assert session.run(SAY[language])["stdout"] == "5\n"


@cases(*ENDLESS)
def a_time_limit_interrupts_and_the_state_is_kept(server, language):
    session = Session(server, language)
    session.run(SET[language])
    late = session.run(ENDLESS[language], limits={"wall_time_ms": 300})
    assert (late["status"], late["state"], late["exit_code"]) == ("wall_timeout", "kept", None), late
    assert session.run(SAY[language])["stdout"] == "5\n"


@cases(*SAY)
def each_execute_has_a_standard_input_of_its_own(server, language):
    read = {"python": "print(input())", "javascript": "console.log(require('fs').readFileSync(0, 'utf8').trim())",
            "ruby": "puts gets", "r": "cat(readLines('stdin')[1], '\\n', sep='')", "bash": "read -r x; echo $x"}[language]
    session = Session(server, language)
    for text in ("one", "two"):
        assert session.run(read, stdin=text + "\n")["stdout"] == text + "\n"


def tracebacks_name_the_execute_and_show_its_lines(server):
    session = Session(server)
    session.run("def f():\n    return 1 / 0\n")
    said = session.run("x = 1\nf()")["stderr"]
    assert 'File "main.py[2]", line 2, in <module>' in said and 'File "main.py[1]", line 2, in f' in said, said
    assert "return 1 / 0" in said and "session" not in said, said


def values_come_in_all_forms_that_they_have(server):
    session = Session(server)
    value = session.run("class V:\n  def _repr_html_(self): return '<b>v</b>'\n  def _repr_json_(self): return {'a': [1]}\n"
                        "  def _repr_png_(self): return b'\\x89PNG'\n  def __repr__(self): return 'v'\ndisplay(1)\nV()")
    assert value["result"] == {"text": "v", "html": "<b>v</b>", "json": {"a": [1]}, "png": "iVBORw=="}, value
    assert value["displays"] == [{"text": "1"}], value


def await_stands_at_the_top_level(server):
    assert Session(server).run("import asyncio\nawait asyncio.sleep(0, 'a')")["result"]["text"] == "'a'"
    assert Session(server, "javascript").run("await new Promise(r => setTimeout(() => r('a'), 5))")["result"]["text"] == "'a'"


# --- files, limits, ends ---

def files_are_the_sessions_and_survive_the_interpreter(server):
    session = Session(server)
    session.run("open('a', 'w').write('A'); open('b', 'w').write('B')")
    session.run("import os; os.remove('a'); open('c', 'w').write('C')")
    lost = session.run("open('d', 'w').write('D'); os._exit(4)")
    assert (lost["state"], lost["state_lost"], lost["exit_code"], lost["session"]["kept"]) == ("lost", "exited", 4, True), lost
    again = session.run("import os; sorted(os.listdir('.'))")
    assert (again["result"]["text"], again["state_new"]) == ("['b', 'c', 'd']", True), again


def memory_ends_the_interpreter_and_the_answer_says_so(server):
    session = Session(server)
    lost = session.run("x = []\nwhile True: x.append(bytearray(10 ** 7))")
    assert (lost["status"], lost["state"], lost["state_lost"]) == ("memory_limit", "lost", "memory_limit"), lost


def output_past_the_limit_interrupts(server):
    session = Session(server)
    session.run("x = 5")
    much = session.run("while True: print('a' * 1000)", limits={"output_bytes": 5000})
    assert (much["status"], len(much["stdout"]), much["state"]) == ("output_limit", 5000, "kept"), much
    assert session.run("x")["result"]["text"] == "5"


def processor_time_is_each_executes_own(server):
    session = Session(server)
    busy = "import time\nbegin = time.process_time()\nwhile time.process_time() < begin + 0.4: pass"
    for _ in range(3):
        assert session.run(busy, limits={"cpu_time_ms": 1000})["status"] == "ok"
    late = session.run("while True: pass", limits={"cpu_time_ms": 300})
    assert (late["status"], late["state"]) == ("cpu_timeout", "kept"), late


def an_interrupt_ends_the_execute_and_a_restart_the_state(server):
    session = Session(server)
    session.run("x = 1")
    answers = []
    for verb, state in (("interrupt", "kept"), ("restart", "lost")):
        thread = threading.Thread(target=lambda: answers.append(session.run("import time; x = 2\ntime.sleep(30)")))
        thread.start()
        time.sleep(1)
        assert session.post(verb).json == {"id": session.id, verb + ("ed" if verb[-1] == "t" else ""): True}
        thread.join()
        assert (answers[-1]["status"], answers[-1]["state"]) == ("signal", state), answers[-1]
        assert session.run("globals().get('x')")["result"] == ({"text": "2"} if state == "kept" else None)
    assert session.post("interrupt").json["interrupted"] is False


def a_session_without_an_interpreter_has_nothing_to_interrupt(server):
    session = Session(server, "python", env={})
    session.run("1")
    assert session.post("interrupt").status == 409
    assert server.post("/v1/sessions/nobody-has-this/interrupt", {}).status == 404


@cases(("args", ["a"]), ("env", {"A": "b"}), ("files", [{"name": "a", "content": "b"}]))
def what_belongs_to_the_start_of_a_program_is_refused_by_name(server, field, value):
    session = Session(server)
    session.run("1")
    assert session.run("1", status=400, **{field: value})["error"]["field"] == field


def another_language_is_refused_until_a_restart(server):
    session = Session(server)
    session.run("1")
    session.language = "bash"
    assert session.run("echo 1", status=409)["error"]["field"] == "language"
    session.post("restart")
    assert session.run("echo 1")["stdout"] == "1\n"


def interpreters_are_capped_for_a_key():
    with Server({"interpreters_max_per_key": 2}) as server:
        sessions = [Session(server) for _ in range(3)]
        for session in sessions[:2]:
            session.run("1")
        assert sessions[2].run("1", status=429)["error"]["retryable"] is True
        sessions[0].post("restart")
        sessions[2].run("1")


def an_interpreter_ends_with_its_sessions_time():
    with Server({"session_idle_ms": 1500, "interpreters_max_per_key": 1}) as server:
        Session(server).run("1")
        for _ in range(60):
            time.sleep(0.25)
            if server.execute("python", "1", session_id=_name(), stateful=True).status == 200:
                return
        raise AssertionError("it still has the only place")


# --- when something dies ---

@cases("front", "spawner")
def files_survive_a_killed_process_and_the_lost_state_is_told_once(role):
    with Server() as server:
        session = Session(server)
        session.run("x = 1; open('a', 'w').write('A')")
        server.wait_restarted(role, server.kill(role))
        again = session.run("open('a').read()")
        assert (again["result"]["text"], again["state_lost"]) == ("'A'", "the server was started anew"), again
        assert session.run("x")["state_lost"] is None


# --- hostile code: whatever it does to the interpreter, the server's facts stand, and only its own session suffers ---

FORGE = """
import os, stat
def pipes(mode):
    for fd in range(3, 300):
        try:
            if stat.S_ISFIFO(os.fstat(fd).st_mode) and os.get_blocking(fd) and fcntl.fcntl(fd, fcntl.F_GETFL) & 3 == mode: yield fd
        except OSError: pass
import fcntl
answers = list(pipes(os.O_WRONLY))
assert answers
"""


@cases(b"garbage\n", b"a" * 5000, b"ask_guess ok 0 999\n", b"ask_guess ok 0 1\n0 text 99999999999\n")
def garbage_on_the_answers_channel_ends_its_own_session_by_name(server, garbage):
    session, other = Session(server), Session(server)
    other.run("x = 7")
    session.run(FORGE)
    lost = session.run(f"os.write(answers[0], {garbage!r}); import time; time.sleep(30)")
    assert (lost["state"], lost["state_lost"], lost["result"]) == ("lost", "answered nonsense", None), lost
    assert other.run("x")["result"]["text"] == "7"


def answers_with_a_guessed_token_are_dropped_and_the_third_ends_the_session(server):
    session = Session(server)
    session.run(FORGE)
    frame = "os.write(answers[0], b'ask_01m7xd44zyzpcwbdqk9hvfqt7t ok 0 1\\n0 text 6\\nforged')"
    one = session.run(f"{frame}; 'true'")
    assert (one["result"]["text"], one["state"]) == ("'true'", "kept"), one
    lost = session.run(f"for _ in range(3): {frame}\nimport time; time.sleep(30)")
    assert (lost["state_lost"], lost["result"]) == ("answered what was not asked", None), lost


def no_name_of_the_interpreter_holds_the_token_while_code_runs(server):
    session = Session(server)
    found = session.run("import gc, sys\nseen = [o for o in gc.get_objects() if isinstance(o, dict)]\n"
                        "frame, texts = sys._getframe(), []\n"
                        "while frame:\n    texts += map(repr, frame.f_locals.values()); frame = frame.f_back\n"
                        "sum('ask_' in t and len(t) < 80 for t in texts) + sum("
                        "isinstance(v, (str, bytes)) and len(v) < 40 and ('ask_0' in str(v)) for d in seen for v in d.values())")
    assert found["result"]["text"] == "0", found


def an_answer_after_the_end_of_its_execute_is_nobodys(server):
    session = Session(server)
    session.run(FORGE + "import threading, time\n"
                "def late():\n    time.sleep(0.3); os.write(answers[0], b'ask_x ok 0 1\\n0 text 6\\nforged')\n"
                "threading.Thread(target=late).start()")
    time.sleep(0.6)
    assert session.run("'mine'")["result"]["text"] == "'mine'"


def a_forked_child_that_comes_out_of_the_code_does_not_answer(server):
    session = Session(server)
    session.run("import os, time")
    parent = session.run("child = os.fork()\nif child: os.waitpid(child, 0)\n'child' if child == 0 else 'parent'")
    assert (parent["result"]["text"], parent["state"]) == ("'parent'", "kept"), parent
    # past Python's own fork, so that nothing is told of it
    parent = session.run("import ctypes\nchild = ctypes.CDLL(None).fork()\nif child: os.waitpid(child, 0)\nchild > 0")
    assert (parent["result"]["text"], parent["state"]) == ("True", "kept"), parent


@cases("os.closerange(3, 1000)", "os.dup2(os.open('/dev/null', os.O_RDWR), fd)")
def code_that_takes_the_channel_away_ends_its_own_session_alone(server, code):
    session, other = Session(server), Session(server)
    other.run("x = 7")
    session.run(FORGE + "fd = answers[0]")
    lost = session.run(code)
    assert lost["state"] == "lost" and lost["result"] is None, lost
    assert other.run("x")["result"]["text"] == "7"
    assert session.run("1")["state_new"] is True


def what_runs_on_between_executes_has_the_processor_time_of_one(server):
    session = Session(server)
    session.run("import threading\ndef burn():\n    while True: pass\n"
                "[threading.Thread(target=burn, daemon=True).start() for _ in range(2)]", limits={"cpu_time_ms": 500})
    for _ in range(40):
        time.sleep(0.25)
        if server.metrics()["sandglass_residents"] == 0:
            break
    lost = session.run("1")
    assert (lost["state_new"], lost["state_lost"]) == (True, "cpu_timeout"), lost


def what_is_printed_between_executes_comes_with_the_next(server):
    session = Session(server)
    session.run("import threading, time\ndef later():\n    time.sleep(0.2); print('later', flush=True)\n"
                "threading.Thread(target=later).start()")
    time.sleep(1)
    assert session.run("print('now')")["stdout"] == "later\nnow\n"


def another_keys_interpreter_does_not_exist():
    with Server(keys=2) as server:
        session = Session(server)
        session.run("x = 1")
        reply = server.request("POST", f"/v1/sessions/{session.id}/interrupt", {}, key=server.keys[1])
        assert reply.status == 404, reply


# --- background ---

def processes_live_on_in_a_background_session_and_in_no_other(server):
    session, plain = Session(server, "bash", background=True), Session(server, "bash", env={})
    for one in (session, plain):
        one.run("(sleep 100 &) ; echo 1 > f")
    count = "cat f; ps ax | grep -c '[s]leep 100'; true"
    assert session.run(count)["stdout"] == "1\n1\n"
    assert plain.run(count)["stdout"] == "1\n0\n"


def an_interrupt_in_a_background_session_leaves_what_lives_on_alone(server):
    session = Session(server, "bash", background=True)
    session.run("(sleep 100 &)")
    late = session.run("trap '' INT; sleep 50 & wait; sleep 50", limits={"wall_time_ms": 300})
    assert (late["status"], late["state"]) == ("wall_timeout", "kept"), late
    assert session.run("ps ax | grep -c '[s]leep 100'")["stdout"] == "1\n"


def variables_are_forgotten_in_a_background_session(server):
    session = Session(server, "python", background=True)
    session.run("x = 1")
    forgotten = session.run("print(x)")
    assert "NameError" in forgotten["stderr"] and forgotten["state"] == "kept", forgotten
