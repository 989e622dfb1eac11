# SPDX-License-Identifier: Apache-2.0
"""Starting: what is refused, with which exit status and sentence."""

import os
import socket
import subprocess

from lib import paths
from lib.client import Closed, Connection, wait_until
from lib.scenario import cases
from lib.server import Server, gone, own_environment

EX_USAGE, EX_CONFIG = 64, 78


def _refused(settings, code=EX_CONFIG, arguments=(), keys=0):
    with Server(settings, start=False, keys=keys, arguments=arguments) as server:
        server.launch()
        assert server.process.wait(20) == code, (server.process.returncode, server.log())
        assert not server.processes()
        return server.log()


@cases("0.0.0.0:0", ":0", "[::]:0")
def it_does_not_listen_beyond_this_machine_without_keys(address):
    log = _refused({"listen": address})
    assert "keys" in log and "sandglass keys create" in log, log


@cases("0.0.0.0:0", ":0")
def with_a_key_it_listens_everywhere(address):
    with Server({"listen": address}) as server:
        assert server.run("bash", "echo ok")["stdout"] == "ok\n"


def on_loopback_it_starts_without_keys_and_lets_nobody_in():
    with Server(keys=0) as server:
        assert server.get("/healthz", headers=()).status == 200
        assert server.post("/v1/execute", {"language": "bash", "code": "true"}, headers=()).status == 401


def it_listens_on_ipv6_loopback():
    with Server({"listen": "[::1]:0"}) as server:
        assert server.run("bash", "echo six")["stdout"] == "six\n"


@cases(("wall_time_ms_max", "5x"), ("wall_time_ms_max", "-1"), ("wall_time_ms_max", ""), ("runs_max", "0"), ("processes_max", "99999999"), ("host_image", "maybe"),
       ("no_such_setting", "1"), ("listen", "nonsense"), ("listen", "127.0.0.1:99999"), ("tls_key", "/only/half"), ("wall_time_ms_default", "300001"),
       ("log_level", "loud"), ("allow_missing_walls", "seccomp,moat"))
def a_setting_that_cannot_be_is_refused_by_name(name, value):
    log = _refused({}, arguments=["--set", f"{name}={value}"])
    assert name in log or value in log, log
    assert len(log.strip().splitlines()) <= 2, log


def a_configuration_file_with_an_unknown_key_is_refused():
    with Server(start=False, keys=0) as server:
        path = os.path.join(server.dir, "bad.yaml")
        with open(path, "w", encoding="ascii") as file:
            file.write("listen: 127.0.0.1:0\nwall_time: 5\n")
        done = subprocess.run([paths.sandglassd(), "--config", path], capture_output=True, env=own_environment(), timeout=20, check=False)
        assert done.returncode == EX_CONFIG and b"wall_time" in done.stderr, done


def a_missing_configuration_file_is_refused():
    done = subprocess.run([paths.sandglassd(), "--config", "/no/such.yaml"], capture_output=True, env=own_environment(), timeout=20, check=False)
    assert done.returncode == EX_CONFIG and b"/no/such.yaml" in done.stderr, done


def the_file_the_environment_and_options_win_in_this_order():
    with Server(start=False) as server:
        path = server.config_path()
        with open(path, "a", encoding="ascii") as file:
            file.write("wall_time_ms_max: 111000\nmemory_bytes_max: 1111MiB\nprocesses_max: 111\n")
        server.options = lambda: ["--config", path]
        server.environment.update({"SANDGLASS_MEMORY_BYTES_MAX": "1222MiB", "SANDGLASS_PROCESSES_MAX": "122"})
        server.arguments += ["--set", "processes_max=133"]
        server.start()
        limits = {r["id"]: r for r in server.get("/v1/runtimes").json}["bash"]["limits"]
        assert (limits["wall_time_ms"]["maximum"], limits["memory_bytes"]["maximum"], limits["processes"]["maximum"]) == (111000, 1222 << 20, 133), limits


def a_port_that_is_taken_is_refused_with_the_reason():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        log = _refused({"listen": f"127.0.0.1:{taken.getsockname()[1]}"})
        assert "in use" in log, log


def without_any_image_it_says_how_to_build_one():
    with Server(start=False, keys=0) as server:
        server.settings.update({"image_dir": os.path.join(server.dir, "none"), "host_image": False})
        server.launch()
        assert server.process.wait(20) == EX_CONFIG and "sandglass image build" in server.log(), server.log()


def the_hosts_own_interpreters_serve_when_there_is_no_image():
    with Server(start=False) as server:
        server.settings["image_dir"] = os.path.join(server.dir, "none")
        server.start()
        assert server.run("bash", "echo host")["stdout"] == "host\n"
        result = server.run("bash", "cat /etc/shadow; ls -A /root /home /srv /opt /var/lib")
        assert "root:" not in result["stdout"].replace("/root:", "") and result["stderr"].count("No such file") >= 2, result
        assert set(result["stdout"].split()) <= {"/root:", "/home:"}, result


def wrong_options_show_the_usage():
    for words in (["--nonsense"], ["--set", "novalue"]):
        done = subprocess.run([paths.sandglassd(), *words], capture_output=True, env=own_environment(), timeout=20, check=False)
        assert done.returncode == EX_USAGE and b"usage:" in done.stderr, done


# --- embedded: one client on an inherited socket ---

def _embedded(server):
    ours, theirs = socket.socketpair()
    with theirs:
        server.arguments = ["--embedded", str(theirs.fileno())]
        server.launch(pass_fds=(theirs.fileno(),))
    return Connection(sock=ours)


def an_embedded_server_serves_one_client_without_keys_or_database():
    with Server(start=False, keys=0) as server, _embedded(server) as connection:
        for i in range(3):
            connection.send(server.encoded("bash", f"echo {i}", key="none"))
            assert connection.receive().json["stdout"] == f"{i}\n"
        assert not os.path.exists(server.settings["state_dir"])
        everything = server.processes()
        connection.close()
        assert server.process.wait(20) == 0 and gone(everything) and not server.cgroups()


def an_embedded_server_ends_with_its_client_in_the_middle_of_a_run():
    with Server(start=False, keys=0) as server, _embedded(server) as connection:
        connection.send(server.encoded("bash", "sleep 1000", key="none"))
        wait_until(lambda: any("sleep" in p for p in _names(server)))
        everything = server.processes()
        connection.close()
        server.process.wait(20)
        assert gone(everything) and not server.processes()


def _names(server):
    from lib import host
    return [host.command_line(pid) for pid in server.processes()]


def an_embedded_server_that_loses_a_child_ends():
    with Server(start=False, keys=0) as server, _embedded(server) as connection:
        assert connection.request("GET", "/healthz").status == 200
        os.kill(server.pid_of("front"), 9)
        try:
            connection.receive()
        except (Closed, OSError):
            pass
        assert server.process.wait(20) != 0
