# SPDX-License-Identifier: Apache-2.0
"""With systemd as pid 1: the installed unit, a service and a scope of an ordinary user, a login of root."""

import os
import pathlib
import pwd
import subprocess

from lib.client import wait_until
from lib.server import Server

CGROUP = pathlib.Path("/sys/fs/cgroup")
SERVICE = CGROUP / "system.slice/sandglass.service"
USER = "judge"
EXEC = ["sandglass", "exec", "-r", "bash", "echo it ran"]


def _call(*words, env=None):
    return subprocess.run(words, capture_output=True, text=True, timeout=120, check=False, env={**os.environ, **(env or {})})


def _as_user(*words):
    account = pwd.getpwnam(USER)
    environment = {"XDG_RUNTIME_DIR": f"/run/user/{account.pw_uid}", "HOME": account.pw_dir}
    return _call("setpriv", "--reuid", USER, "--regid", USER, "--init-groups", *words, env=environment)


def _it_ran(done):
    assert (done.returncode, done.stdout) == (0, "it ran\n"), done


class _Installed(Server):
    """The server of the installed unit, with the defaults of an installation."""

    def __init__(self):
        super().__init__(start=False, keys=0)
        self.settings, self.port = {"listen": "127.0.0.1:8080"}, 8080
        self.keys = [self.make_key()]
        _call("systemctl", "start", "sandglass.service")
        wait_until(self._is_ready, 60)

    def close(self):
        self.stopped = _call("systemctl", "stop", "sandglass.service")
        super().close()


def _rooms(below):
    return sorted(path for path in below.rglob("sandglass.*") if path.is_dir() and path.name != "sandglass.service")


def _pid_of_spawner():
    return int(_call("pgrep", "--exact", "sandglass-spawn").stdout.split()[-1])


def the_installed_unit_serves_from_the_cgroup_that_systemd_gave_it():
    with _Installed() as server:
        walls = {w["name"]: w for w in server.get("/v1/capabilities").json["walls"]}
        print(f"    {walls['cgroup']}")
        assert walls["cgroup"]["why"].startswith("cgroup v2"), walls
        assert not [w for w in walls.values() if w["state"] == "off"], walls
        assert server.run("bash", "echo ok")["stdout"] == "ok\n"
        rooms = _rooms(CGROUP)
        assert len(rooms) == 1 and rooms[0].parent == SERVICE, rooms
        os.kill(_pid_of_spawner(), 9)
        wait_until(server._is_ready, 60)
        wait_until(lambda: server.execute("bash", "true").status == 200, 30)
        assert _rooms(CGROUP) == rooms, "the new spawner has its cgroups elsewhere"
    assert server.stopped.returncode == 0 and not SERVICE.exists() and not _rooms(CGROUP)
    assert "success" in _call("systemctl", "show", "-P", "Result", "sandglass.service").stdout


def a_service_of_an_ordinary_user_with_a_delegated_cgroup_runs_code():
    _it_ran(_call("systemd-run", "--quiet", "--wait", "--pipe", "--collect", "-p", f"User={USER}", "-p",
                  "Delegate=yes", *EXEC))


def a_service_of_an_ordinary_user_without_one_does_not():
    done = _call("systemd-run", "--quiet", "--wait", "--pipe", "--collect", "-p", f"User={USER}", *EXEC)
    print(f"    {done.stderr.strip()}")
    assert done.returncode != 0 and done.stdout == "" and "cgroup" in done.stderr, done


def the_command_that_doctor_names_helps_an_ordinary_user():
    account = pwd.getpwnam(USER)
    done = _call("systemctl", "start", f"user@{account.pw_uid}.service")
    assert done.returncode == 0, (done, _call("journalctl", "--no-pager", "-n", "30").stdout)
    _it_ran(_as_user("systemd-run", "--quiet", "--user", "--scope", "-p", "Delegate=yes", *EXEC))


def roots_login_session_stays_as_it_was():
    script = "cat /proc/self/cgroup; sandglass exec -r bash 'echo it ran'; cat /proc/self/cgroup"
    done = _call("systemd-run", "--quiet", "--scope", "--unit", "login", "sh", "-c", script)
    before, ran, after = done.stdout.splitlines()
    assert before == after == "0::/system.slice/login.scope" and ran == "it ran", done
    assert not _rooms(CGROUP)
