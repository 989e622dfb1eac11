# SPDX-License-Identifier: Apache-2.0
"""A caller who goes away has his run killed; nothing of it is left."""

import os
import time

from lib import host
from lib.client import wait_until
from lib.server import gone

SETTINGS = {"runs_max": 4}


def _find(server, word):
    return [p for p in server.processes() if word in host.command_line(p)]


def a_disconnect_kills_the_run_and_all_its_processes(server):
    with server.connect() as connection:
        connection.send(server.encoded("bash", "(trap '' TERM HUP; setsid sleep 1234) & sleep 1235"))
        pids = wait_until(lambda: (f := _find(server, "sleep 123")) and len(f) == 2 and f)
    assert gone(pids), pids
    wait_until(lambda: server.metrics()["sandglass_jobs_running"] == 0)
    assert server.metrics()["sandglass_jobs_cancelled_total"] >= 1


def a_disconnect_in_the_queue_takes_the_request_out(server):
    held = [server.connect() for _ in range(4)]
    for connection in held:
        connection.send(server.encoded("bash", "sleep 100"))
    wait_until(lambda: server.metrics()["sandglass_jobs_running"] == 4)
    with server.connect() as waiting:
        waiting.send(server.encoded("bash", "sleep 777"))
        wait_until(lambda: server.metrics()["sandglass_jobs_queued"] == 1)
    wait_until(lambda: server.metrics()["sandglass_jobs_queued"] == 0)
    for connection in held:
        connection.close()
    wait_until(lambda: server.metrics()["sandglass_jobs_running"] == 0)
    assert not _find(server, "sleep 777")


def a_disconnect_while_compiling_ends_the_compiler(server):
    bomb = "#if __INCLUDE_LEVEL__ < 60\n#include __FILE__\n#include __FILE__\n#endif\n"
    with server.connect() as connection:
        connection.send(server.encoded("c", bomb, flags=["-Og"]))
        pids = wait_until(lambda: _find(server, " -Og "), within=60)
    assert gone(pids)


def places_come_back_after_many_disconnects(server):
    for _ in range(40):
        with server.connect() as connection:
            connection.send(server.encoded("bash", "sleep 100"))
            time.sleep(0.01)
    assert server.run("bash", "echo free")["stdout"] == "free\n"
    server.wait_idle()


def a_reset_is_a_disconnect_too(server):
    import socket
    import struct
    connection = server.connect()
    connection.send(server.encoded("bash", "sleep 4321"))
    pids = wait_until(lambda: _find(server, "sleep 4321"))
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    assert gone(pids)


def runs_belong_to_users_of_their_own(server):
    with server.connect() as connection:
        connection.send(server.encoded("bash", "sleep 5678"))
        pid = wait_until(lambda: _find(server, "sleep 5678"))[0]
        uids = set(host.status_of(pid)["Uid"].split())
    assert len(uids) == 1 and uids != {"0"} or os.geteuid() != 0, uids
