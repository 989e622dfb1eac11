# SPDX-License-Identifier: Apache-2.0
"""pty: true on GET /v1/connect: a real terminal, and the interpreters that are talked with at one."""

import re
import time

from lib import host
from lib.client import Closed, wait_until
from lib.scenario import Skip, cases
from lib.server import gone
from lib.websocket import BINARY, ClosedBy, WebSocket, frame

PATH = "/v1/connect"
CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[=>]|[\x00-\x09\x0b-\x1f]")


class Terminal:
    """What a person would see of it, without colours and movements; asked where its cursor is, it answers."""

    def __init__(self, server, language, code=None, pty=True, **fields):
        self.socket = WebSocket(server, PATH, timeout=20)
        self.socket.send({"language": language, "pty": pty, **({"code": code} if code is not None else {}), **fields})
        self.raw, self.result, self.closed, self.asked = "", None, None, None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.connection.close()

    @property
    def text(self):
        return CONTROL.sub("", self.raw)

    def step(self, again=None):
        """One message. again is typed, and once more whenever nothing comes: a terminal may drop what is typed too early."""
        for attempt in range(20):
            if again and (attempt or not self.asked):
                self.type(again)
            self.asked = again
            self.socket.connection.sock.settimeout(1 if again else 20)
            try:
                message = self.socket.receive()
                break
            except TimeoutError:
                if not again:
                    raise AssertionError(f"nothing comes: {self.text[-2000:]!r}") from None
            except ClosedBy as e:
                self.closed = e.code
                return False
        else:
            raise AssertionError(f"nothing comes after {again!r}: {self.text[-2000:]!r}")
        self._take(message)
        return True

    def _take(self, message):
        assert message["type"] not in ("stderr", "error"), message
        if message["type"] == "stdout":
            self.raw += message["data"]
            if "\x1b[6n" in message["data"]:
                self.type("\x1b[1;1R")
        if message["type"] == "result":
            self.result = message["result"]

    def until(self, pattern, again=None):
        """Reads until it is there, forgets what is before its end, and returns the match."""
        self.asked = None
        while not (found := re.search(pattern, self.text)):
            assert self.step(again), f"ended without {pattern!r}: {self.text[-2000:]!r} {self.result}"
        self.raw = ""
        return found

    def type(self, text):
        self.socket.send({"type": "stdin", "data": text})

    def end(self, again=None):
        self.asked = None
        while self.step(again):
            pass
        return self.result


def _offered(server, language):
    found = [r for r in server.get("/v1/runtimes").json if r["id"] == language and r["versions"]]
    if not found:
        raise Skip(f"no image has {language}")


# prompt, a line that says two, what it says, what does not end, what is back after Ctrl-C, how it is left
REPLS = {
    "bash": (r"\$ $", "echo $((1+1))", r"\n2\n", "while :; do :; done", r"\$ $", "exit 0"),
    "python": (r">>> $", "1+1", r"2\n", "while True: pass", r"KeyboardInterrupt[\s\S]*>>> $", "exit()"),
    "javascript": (r"> $", "1+1", r"2\n", "for(;;){}", r"interrupted[\s\S]*> $", ".exit"),
    "ruby": (r"irb[^\n]*> $", "1+1", r"=> 2[\s\S]*irb[^\n]*> $", "sleep 100", r"interrupt![\s\S]*irb[^\n]*> $", "exit"),
    "php": (r"php > $", "echo 1+1;", r"2[\s\S]*php > $", None, None, "exit"),
    "lua": (r"> $", "1+1", r"2\n", "while true do end", r"interrupted![\s\S]*> $", "os.exit()"),
    "r": (r"> $", "1+1", r"\[1\] 2\n", "while (TRUE) {}", r"> $", "q()"),
    "perl": (r"DB<\d+> *$", "print 1+1", r"2[\s\S]*DB<\d+> *$", "sleep 100", r"DB<\d+> *$", "q"),
    "sql": (r"sqlite> $", "select 1+1;", r"2\n", None, None, ".quit"),
}


@cases(*[(language,) for language in REPLS])
def an_interpreter_is_talked_with(server, language):
    _offered(server, language)
    prompt, line, answer, loop, after, leave = REPLS[language]
    with Terminal(server, language) as terminal:
        terminal.until(prompt)
        terminal.type(line + "\r")
        terminal.until(answer)
        if loop:
            terminal.type(loop + "\r")
            time.sleep(0.7)
            terminal.until(after, again="\x03")
        assert terminal.end(again=leave + "\r")["exit_code"] == 0, terminal.result


def a_program_sees_a_terminal_of_that_size_and_its_changes(server):
    code = "stty size; tty; for f in 0 1 2; do test -t $f && echo yes$f; done; trap 'stty size' WINCH; echo up; while :; do sleep 0.05; done"
    with Terminal(server, "bash", code, pty={"rows": 31, "columns": 117}) as terminal:
        terminal.until(r"31 117\n/dev/pts/0\nyes0\nyes1\nyes2\nup\n")
        terminal.socket.send({"type": "window", "window": {"rows": 50, "columns": 200}})
        terminal.until(r"50 200\n")


def a_size_that_is_sent_at_once_is_that_of_the_start(server):
    with Terminal(server, "bash", "sleep 0.2; stty size") as terminal:
        terminal.socket.send({"type": "window", "window": {"rows": 7, "columns": 9}})
        terminal.until(r"7 9\n")


def ctrl_c_ends_a_program_and_ctrl_d_its_input(server):
    with Terminal(server, "bash", "echo up; exec sleep 100") as terminal:
        terminal.until("up\n")
        terminal.type("\x03")
        assert terminal.end()["signal"] == "SIGINT"
    with Terminal(server, "bash", "cat; echo over") as terminal:
        terminal.type("line\r")
        terminal.until(r"line\nline\n")
        terminal.socket.send({"type": "eof"})
        terminal.until("over\n")
        assert terminal.end()["status"] == "ok"


def jobs_can_be_stopped_and_gone_on_with(server):
    with Terminal(server, "bash") as terminal:
        terminal.until(r"\$ $")
        terminal.type("sleep 300\r")
        time.sleep(0.3)
        terminal.type("\x1a")
        terminal.until(r"Stopped[\s\S]*\$ $")
        terminal.type("kill %1; wait; echo done$?\r")
        terminal.until(r"done\d+\n")


def the_last_words_of_a_program_are_not_lost(server):
    for i in range(60):
        with Terminal(server, "bash", f"echo last words {i}") as terminal:
            assert terminal.end()["status"] == "ok"
            assert terminal.text == f"last words {i}\n", terminal.raw


def much_output_passes_at_the_readers_pace(server):
    code = "import sys\nfor i in range(50): sys.stdout.write(('%06d' % i) * 10000 + '\\n')"
    with Terminal(server, "python", code) as terminal:
        time.sleep(1)
        assert terminal.end()["status"] == "ok"
    assert terminal.raw == "".join(("%06d" % i) * 10000 + "\r\n" for i in range(50))


def much_input_is_not_lost_where_the_terminal_is_raw(server):
    code = "import sys, tty, hashlib, os\ntty.setraw(0)\nos.write(1, b'up')\nd = b''\nwhile len(d) < 300000: d += os.read(0, 65536)\nprint(hashlib.md5(d).hexdigest())"
    data = bytes(33 + i * 7 % 90 for i in range(300000))
    import hashlib
    with Terminal(server, "python", code) as terminal:
        terminal.until("up")
        for at in range(0, len(data), 10000):
            terminal.socket.raw(frame(BINARY, data[at:at + 10000]))
        terminal.until(hashlib.md5(data).hexdigest())


def a_client_who_goes_ends_it(server):
    with Terminal(server, "bash", "echo up; sleep 1239; sleep 1") as terminal:
        terminal.until("up\n")
        pids = wait_until(lambda: [p for p in server.processes() if "sleep 1239" in host.command_line(p)])
    assert gone(pids)


def limits_count(server):
    with Terminal(server, "bash", "yes", limits={"output_bytes": 50000}) as terminal:
        assert terminal.end()["status"] == "output_limit" and len(terminal.raw) == 50000
    with Terminal(server, "bash", limits={"wall_time_ms": 300}) as terminal:
        assert terminal.end()["status"] == "wall_timeout"


def a_compiled_program_has_one_and_its_compiler_has_not(server):
    code = f'#include <stdio.h>\n#include <unistd.h>\n/* {time.time()} */ int main(void) {{ printf("%d%d\\n", isatty(0), isatty(1)); }}'
    with Terminal(server, "c", code) as terminal:
        assert terminal.end()["status"] == "ok" and terminal.text == "11\n", terminal.raw


def what_cannot_be_talked_with_says_so(server):
    with WebSocket(server, PATH) as socket:
        socket.send({"language": "c", "pty": True})
        messages, closed = socket.until_closed()
    assert messages[-1]["error"]["code"] == "missing_field" and closed[0] == 1008, messages


@cases(({"rows": 0, "columns": 80},), ({"rows": 24},), ({"rows": 24, "columns": 10001},), ("yes",))
def a_wrong_size_is_refused(server, pty):
    with WebSocket(server, PATH) as socket:
        socket.send({"language": "bash", "pty": pty})
        messages, closed = socket.until_closed()
    assert messages[-1]["type"] == "error" and closed[0] == 1008, messages


def a_plain_run_has_no_terminal_and_can_have_none(server):
    reply = server.execute("bash", "true", pty=True)
    assert reply.status == 400 and reply.error["code"] == "unknown_field", reply
    assert server.run("bash", "tty; test -t 1 || echo none; cat /dev/tty")["stdout"] == "not a tty\nnone\n"


def programs_make_terminals_of_their_own(server):
    code = "import pty, os\npid, fd = pty.fork()\nif pid == 0: os.execvp('stty', ['stty', 'size'])\nprint(os.read(fd, 100)); os.waitpid(pid, 0)"
    assert server.run("python", code)["stdout"] == "b'0 0\\r\\n'\n"
    assert "0 0" in server.run("bash", "script -qec 'stty size' /dev/null")["stdout"]


def a_restart_of_the_spawner_ends_it_with_a_word():
    from lib.server import Server
    with Server() as server:
        with Terminal(server, "bash", "echo up; sleep 100") as terminal:
            terminal.until("up\n")
            server.kill("spawner")
            try:
                terminal.end()
                raise AssertionError("no error was sent")
            except AssertionError as e:
                assert "unavailable" in str(e), e
            except Closed:
                raise AssertionError("the connection broke") from None
