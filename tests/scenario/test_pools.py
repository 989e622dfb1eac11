# SPDX-License-Identifier: Apache-2.0
"""Pools of empty jails are as large as the configuration says, whatever callers do."""

import itertools
import time

from lib.client import wait_until
from lib.server import Server

LONG = True  # pools are looked at once a minute

READY = 2
CALLERS = 30


def _ready(server):
    server.wait_idle()
    return server.metrics()["sandglass_slots_ready"]


def _leave(server, seconds):
    """Callers who go while jails are made for them, if it is so long that these are asked for and so short that none is there."""
    connections = [server.connect() for _ in range(CALLERS)]
    for connection in connections:
        connection.send(server.encoded("bash", "sleep 0.2"))
    time.sleep(seconds)
    for connection in connections:
        connection.close()


def what_was_made_for_callers_who_left_is_taken_down():
    with Server({"slots_ready": READY, "warm": "off"}) as server:
        delays = itertools.cycle(number / 500 for number in range(10))

        def too_many():
            """jails stand that nobody needs"""
            _leave(server, next(delays))
            time.sleep(1)  # those whose request was not read yet are noticed
            return _ready(server) > READY

        wait_until(too_many, within=60)
        wait_until(lambda: _ready(server) == READY, within=150, every=1)
        assert server.run("bash", "echo ok")["stdout"] == "ok\n"
