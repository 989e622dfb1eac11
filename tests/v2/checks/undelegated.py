# SPDX-License-Identifier: Apache-2.0
"""An ordinary user without a cgroup of his own: nothing runs, by name, unless the wall is waived by name."""

from lib.client import wait_until
from lib.server import Server


def _cgroup_wall(server):
    return next(w for w in server.get("/v1/capabilities").json["walls"] if w["name"] == "cgroup")


class _NotReady(Server):
    """A server that is not waited for to be ready, only to serve."""

    def start(self, within=60):
        self.launch()
        wait_until(lambda: self.listening_port() and self.log_events("wall_missing"), within)


def what_is_missing_is_said_everywhere_and_nothing_runs():
    with _NotReady() as server:
        ready = server.get("/readyz", headers=())
        assert ready.status == 503 and "cgroup" in ready.json["message"], ready
        wall = _cgroup_wall(server)
        print(f"    {wall}")
        assert wall["state"] == "off" and wall["waived"] is False and "ermission denied" in wall["why"], wall
        reply = server.execute("bash", "echo it ran")
        assert (reply.status, reply.error["code"], reply.error["retryable"]) == (503, "wall_missing", False), reply
        assert "cgroup" in reply.error["message"] and b"it ran" not in reply.body, reply


def a_wall_that_is_waived_by_name_is_done_without():
    with Server({"allow_missing_walls": "cgroup"}) as server:
        wall = _cgroup_wall(server)
        assert wall["state"] == "off" and wall["waived"] is True, wall
        assert server.run("bash", "echo it ran")["stdout"] == "it ran\n"
        result = server.run("bash", "sleep 60", limits={"wall_time_ms": 500})
        assert result["status"] == "wall_timeout", result


def waiving_another_wall_does_not_help():
    with _NotReady({"allow_missing_walls": "uid"}) as server:
        assert server.execute("bash", "echo it ran").status == 503


def doctor_names_the_wall_and_a_command():
    with Server(start=False, keys=0) as server:
        done = server.cli("doctor", "--config", server.config_path())
        text = (done.stdout + done.stderr).decode()
        print("\n".join("    " + line for line in text.splitlines() if "cgroup" in line))
        assert done.returncode != 0 and "cgroup" in text and "Delegate=yes" in text, text
