# SPDX-License-Identifier: Apache-2.0
"""A real sandglassd, private to a test: own port, state directory, user ids, cgroup and log."""

import contextlib
import itertools
import json
import os
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time

from lib import host, paths
from lib.client import Closed, Connection, encode_request, wait_until

_numbers = itertools.count()
_SANITIZER = re.compile(r"runtime error:|(Address|Leak|UndefinedBehavior)Sanitizer")
_CRASH = re.compile(r"event=child_exited .*\bsignal=(?!9\b)")  # tests kill with 9
_EVENT = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|\S*)')


def own_environment(extra=None):
    """Ours without what would configure a server, and what the test adds."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("SANDGLASS_")}
    env.update(extra or {})
    return env


def _own_uid_base():
    number = os.getpid() % 60000 * 10 + next(_numbers) % 10
    return 1_000_000_000 + number * host.UIDS_PER_SERVER


def is_grave(text):
    """Whether it tells of what no slow machine explains: a sanitizer's finding, or a role that ended by a signal of its own."""
    return bool(_SANITIZER.search(text) or _CRASH.search(text))


made = []  # the servers of the test under way: what they logged is printed when it fails


class Server:
    """
    with Server({"runs_max": 2}) as server: ...

    settings override configuration rows; walls_off names walls that a fault-injection build leaves out.
    start=False only prepares; keys=0 makes no key.
    """

    def __init__(self, settings=None, walls_off=None, keys=1, start=True, build=None, arguments=()):
        self.build = build or (paths.INJECTION_BUILD if walls_off else paths.BUILD)
        self.dir = tempfile.mkdtemp(prefix="sandglass-test-")
        os.chmod(self.dir, 0o755)
        self.log_path = os.path.join(self.dir, "log")
        self.process, self.port, self.tls, self.log_begin, self.final_log = None, None, None, 0, ""
        self.uid_base = _own_uid_base()
        self.settings = {
            "listen": "127.0.0.1:0",
            "state_dir": os.path.join(self.dir, "state"),
            "image_dir": paths.IMAGES,
            "runtime_dir": paths.SOURCE / "runtimes",
            "scan_dir": paths.SOURCE / "policy/scan",
            "libexec_dir": paths.role_dir(self.build),
            "uid_base": self.uid_base,
            "slots_ready": 2,
            "rate_per_minute": 0,
            **(settings or {}),
        }
        self.environment = own_environment({"SANDGLASS_WALLS_OFF": walls_off} if walls_off else None)
        self.arguments = list(arguments)
        self.session, self.cgroup_name = 0, "none"
        made.append(self)
        try:
            self.keys = [self.make_key() for _ in range(keys)]
            if start:
                self.start()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        try:
            self.close()
        finally:
            if not kind:
                self.check_sanitizers()

    def check_sanitizers(self):
        """What AddressSanitizer and UBSan of an instrumented build have found fails the test."""
        found = [line for line in self.final_log.splitlines() if _SANITIZER.search(line)]
        assert not found, "\n".join(found[:5]) + "\n" + self.final_log[-5000:]

    # --- life ---

    def options(self):
        return [word for name, value in self.settings.items() for word in ("--set", f"{name}={_text(value)}")]

    def launch(self, pass_fds=()):
        """Starts the process and does not wait for it to serve."""
        self.port, self.log_begin = None, len(self.log())
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [paths.sandglassd(self.build), *self.options(), *self.arguments], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, env=self.environment, start_new_session=True, pass_fds=pass_fds)
        self.session = self.process.pid
        self.cgroup_name = f"sandglass.{self.process.pid}"  # of src/sandbox/cgroup_room.c

    def start(self, within=60):
        self.launch()
        self.wait_ready(within)

    def wait_ready(self, within=60):
        def ready():
            """/readyz answers 200"""
            if self.process.poll() is not None:
                raise AssertionError(f"sandglassd ended with {self.process.returncode}:\n{self.log()}")
            return self.listening_port() and self._is_ready()

        try:
            wait_until(ready, within)
        except AssertionError as e:
            raise AssertionError(f"{e}\n{self.log()[-6000:]}") from None

    def _is_ready(self):
        try:
            with self.connect(timeout=2) as connection:
                return connection.request("GET", "/readyz").status == 200
        except (OSError, Closed):
            return False

    def listening_port(self):
        if not self.port:
            events = self.log_events("listening")
            self.port = int(events[-1]["port"]) if events else None
        return self.port

    def stop(self, within=20):
        """SIGTERM; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(within)

    def close(self):
        """Ends whatever is left and removes the files."""
        if self.process and self.process.poll() is None:
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.final_log = self.log()
        if os.environ.get("SANDGLASS_KEEP_LOGS"):
            print(f"log: {self.log_path}")
            return
        shutil.rmtree(self.dir, ignore_errors=True)

    # --- the command line ---

    def cli(self, *words, stdin=b"", env=None, timeout=120):
        """Runs `sandglass WORDS`; a CompletedProcess with bytes."""
        return subprocess.run([paths.sandglass(self.build), *map(str, words)], input=stdin, capture_output=True,
                              env=own_environment(env), timeout=timeout, check=False)

    def config_path(self):
        path = os.path.join(self.dir, "sandglass.yaml")
        with open(path, "w", encoding="utf-8") as file:
            for name, value in self.settings.items():
                file.write(f"{name}: '{_text(value)}'\n")
        return path

    def make_key(self, *options):
        """A new key's text; options as of `sandglass keys create`."""
        return self.create_key(*options)["key"]

    def create_key(self, *options):
        """All that `sandglass keys create --json` tells of a new key."""
        done = self.cli("keys", "create", "--json", "--config", self.config_path(), *options)
        if done.returncode != 0:
            raise AssertionError(f"keys create: {done.returncode} {done.stdout!r} {done.stderr!r}")
        return json.loads(done.stdout)

    @property
    def key(self):
        return self.keys[0]

    # --- HTTP ---

    def connect(self, timeout=60):
        host_name = "::1" if "[" in self.settings["listen"] else "127.0.0.1"
        return Connection((host_name, self.listening_port()), timeout, self.tls)

    def auth(self, key=None):
        return (("Authorization", f"Bearer {key or self.key}"),)

    def request(self, method, path, body=None, key=None, headers=None, timeout=60):
        with self.connect(timeout) as connection:
            return connection.request(method, path, body, self.auth(key) if headers is None else headers)

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def post(self, path, value, **more):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        return self.request("POST", path, body, **more)

    def execute(self, language, code=None, *, key=None, timeout=120, **fields):
        """POST /v1/execute; the reply."""
        request = {"language": language, **({"code": code} if code is not None else {}), **fields}
        return self.post("/v1/execute", request, key=key, timeout=timeout)

    def run(self, language, code=None, **fields):
        """POST /v1/execute that must be answered with 200; the result."""
        reply = self.execute(language, code, **fields)
        assert reply.status == 200, reply
        return reply.json

    def raw(self, data, timeout=30):
        """Sends bytes on a fresh connection and returns all that comes until the server closes."""
        with self.connect(timeout) as connection:
            connection.send(data)
            parts = []
            while True:
                try:
                    part = connection.sock.recv(1 << 16)
                except ConnectionResetError:
                    part = b""
                if not part:
                    return b"".join(parts)
                parts.append(part)

    def encoded(self, language, code=None, key=None, **fields):
        """The bytes of a POST /v1/execute."""
        request = {"language": language, **({"code": code} if code is not None else {}), **fields}
        return encode_request("POST", "/v1/execute", json.dumps(request).encode(), self.auth(key))

    def metrics(self):
        """{"name" or 'name{labels}': number}"""
        reply = self.get("/metrics")
        assert reply.status == 200, reply
        lines = [line for line in reply.body.decode().splitlines() if line and not line.startswith("#")]
        return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}

    def database(self):
        """The store's, opened beside it; closed at the end of `with`."""
        path = os.path.join(self.settings["state_dir"], "db/sandglass.db")
        return contextlib.closing(sqlite3.connect(path, timeout=10, isolation_level=None))

    # --- log and processes ---

    def log(self):
        if not os.path.exists(self.log_path):
            return ""
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def last_words(self, count=12):
        """How it stands with it, what is grave in its log, and the end of that."""
        status = "was never started" if not self.process else "runs" if self.process.poll() is None else f"ended with {self.process.returncode}"
        lines = (self.log() or self.final_log).splitlines()
        told = [line for line in lines[:-count] if is_grave(line)] + lines[-count:]
        return f"sandglassd {status}; the last lines of its log:\n" + "\n".join(told) + "\n"

    def log_events(self, event=None):
        """Log lines since the last start as {name: value}, all or those of one event."""
        lines = [dict(_EVENT.findall(line)) for line in self.log()[self.log_begin:].splitlines()]
        return [line for line in lines if line.get("event") and event in (None, line["event"])]

    def pid_of(self, role):
        started = [e for e in self.log_events("child_started") if e["child"] == role]
        return int(started[-1]["child_pid"])

    def kill(self, role, signo=signal.SIGKILL):
        """Ends a child; returns the pid it had."""
        pid = self.pid_of(role)
        os.kill(pid, signo)
        return pid

    def wait_restarted(self, role, old_pid, within=60):
        def restarted():
            """the parent has started it again"""
            ready = [e for e in self.log_events("child_ready") if e["child"] == role]
            return self.pid_of(role) != old_pid and len(ready) == len(
                [e for e in self.log_events("child_started") if e["child"] == role])

        wait_until(restarted, within)
        self.wait_ready(within)

    def roles(self):
        """{role: pid} of what runs now, the parent included."""
        started = {event["child"] for event in self.log_events("child_started")}
        return {"parent": self.process.pid, **{role: self.pid_of(role) for role in started}}

    def processes(self):
        return [p for p in host.processes_of(self.session, self.uid_base, self.cgroup_name) if host.is_alive(p)]

    def lasting_processes(self):
        """The roles, and the first process of each jail, without which no other of it can be: how many those are depends on
        which interpreters and compilers stand parked."""
        return [p for p in self.processes() if host.pid_in_jail(p) in (None, 1)]

    def cgroups(self):
        return host.cgroups_below(self.cgroup_name)

    def user_processes(self):
        """Processes of jails: everything but the roles themselves."""
        return sorted(set(self.processes()) - set(self.roles().values()))

    def wait_idle(self, within=20):
        """No run is under way and no jail is being made or taken down."""
        def idle():
            """metrics say that nothing runs"""
            m = self.metrics()
            return not any(m[f"sandglass_{n}"] for n in
                           ("jobs_running", "jobs_queued", "slots_running", "slots_dying", "slots_making"))

        wait_until(idle, within)


def _text(value):
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def gone(pids, within=20):
    """True when none of these processes is alive any more."""
    deadline = time.monotonic() + within
    while any(map(host.is_alive, pids)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def describe(pids):
    return "; ".join(f"{pid} {shlex.quote(host.command_line(pid))}" for pid in pids)
