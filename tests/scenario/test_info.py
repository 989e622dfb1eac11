# SPDX-License-Identifier: Apache-2.0
"""What the server says of itself: runtimes, capabilities, health, readiness, metrics, log."""

import os
import re
import signal

from lib import host, paths
from lib.client import wait_until
from lib.scenario import cases, needs_root
from lib.server import Server


def runtimes_are_listed_with_versions_and_limits(server):
    runtimes = {r["id"]: r for r in server.get("/v1/runtimes").json}
    python = runtimes["python"]
    assert python["versions"][0]["version"] and "py" in python["aliases"] and python["engines"] == ["native"], python
    assert python["limits"]["wall_time_ms"] == {"minimum": 1, "default": 30000, "maximum": 300000}, python["limits"]


def every_wall_is_listed_with_its_state_and_reason(server):
    names = re.findall(r'^X\(\w+,\s*"(\w+)"', (paths.SOURCE / "src/ipc/walls.def").read_text(), re.MULTILINE)
    answer = server.get("/v1/capabilities").json
    walls = {w["name"]: w for w in answer["walls"]}
    assert list(walls) == names and answer["known"] is True and answer["engines"] == ["native"], answer
    for wall in walls.values():
        assert wall["state"] in ("on", "off", "partial") and wall["keeps"] and wall["waived"] is False, wall
        assert wall["state"] == "on" or wall["why"], wall


@needs_root
def as_root_all_walls_but_userns_stand(server):
    walls = {w["name"]: w for w in server.get("/v1/capabilities").json["walls"]}
    missing = {n: w["why"] for n, w in walls.items() if w["state"] == "off"}
    assert set(missing) <= {"userns", "nosymfollow"}, missing


def health_and_readiness(server):
    health = server.get("/healthz").json
    assert health["status"] == "ok" and re.fullmatch(r"\d+\.\d+\.\d+", health["version"]), health
    assert server.get("/readyz").json == {"status": "ready"}


def without_a_spawner_it_is_alive_and_not_ready():
    with Server() as server:
        os.kill(server.pid_of("spawner"), signal.SIGKILL)
        wait_until(lambda: server.get("/healthz").status == 200)
        server.wait_ready()


def metrics_are_prometheus_text(server):
    reply = server.get("/metrics")
    assert reply.header("Content-Type").startswith("text/plain; version=0.0.4"), reply.headers
    text = reply.body.decode()
    names = re.findall(r'^X\("(\w+)"', (paths.SOURCE / "src/door/metrics.def").read_text(), re.MULTILINE)
    for name in names + ["sandglass_results_total"]:
        assert re.search(rf"^# HELP {name} .+\n# TYPE {name} (counter|gauge)\n{name}(\{{.*\}})? \d+$", text, re.MULTILINE), name


def metrics_count_what_happens(server):
    before = server.metrics()
    server.run("bash", "true")
    server.run("bash", "exit 1")
    after = server.metrics()
    changed = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    for name, by in {"sandglass_jobs_submitted_total": 2, "sandglass_jobs_finished_total": 2, 'sandglass_results_total{status="ok"}': 1,
                     'sandglass_results_total{status="error"}': 1}.items():
        assert changed.get(name) == by, (name, changed)
    assert changed["sandglass_run_wall_nanoseconds_total"] > 1e5 and changed["sandglass_requests_total"] == 3, changed


def ready_jails_are_kept_ready(server):
    wait_until(lambda: server.metrics()["sandglass_slots_ready"] == int(server.settings["slots_ready"]))


def every_answer_has_a_request_id_of_its_own(server):
    ids = {server.get(path).header("X-Request-Id") for path in ("/healthz", "/healthz", "/v1/nothing", "/v1/runtimes")}
    assert len(ids) == 4 and all(i.startswith("req_") for i in ids), ids


def log_lines_have_one_form(server):
    server.run("bash", "true")
    for line in server.log().splitlines():
        assert re.match(r"ts=\S+Z level=(debug|info|warn|error) role=\w+ pid=\d+ event=\w+( |$)", line), line


def the_log_never_holds_what_clients_send(server):
    server.execute("bash", "echo canary-in-code", args=["canary-in-arg"], stdin="canary-in-stdin", env={"C": "canary-in-env"})
    server.execute("canary-language", "x")
    server.raw(b"GET /canary HTTP/1.1\r\nHost: canary\r\nbad\r\n\r\n")
    assert "canary" not in server.log()


# --- what the processes may do ---

@needs_root
@cases("front", "store")
def a_role_that_reads_what_others_send_has_no_rights(server, role):
    status = host.status_of(server.pid_of(role))
    assert "0" not in status["Uid"].split() and int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0, status
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2"), status


@needs_root
def the_front_sees_no_files(server):
    root = f"/proc/{server.pid_of('front')}/root"
    assert os.listdir(root) == [], os.listdir(root)


def binaries_link_only_what_their_right_needs():
    import subprocess
    def linked(role):
        return subprocess.run(["ldd", paths.role_dir() / f"sandglass-{role}"], capture_output=True, check=True).stdout.decode()
    assert not re.search("yyjson|llhttp|ssl|crypto|sqlite|curl", linked("spawner")), linked("spawner")
    assert not re.search("sqlite|seccomp", linked("front")), linked("front")
