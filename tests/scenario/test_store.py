# SPDX-License-Identifier: Apache-2.0
"""The database: a row for every run, keys that outlive crashes, files that are never root's."""

import contextlib
import os
import sqlite3
import stat
import subprocess
import time

from lib.client import wait_until
from lib.scenario import needs_root
from lib.server import Server

UID_STORE = 0  # of enum server_uid, src/ipc/messages.h


def _path(server):
    return os.path.join(server.settings["state_dir"], "db", "sandglass.db")


def _rows(server, sql="SELECT * FROM runs ORDER BY number"):
    with contextlib.closing(sqlite3.connect(f"file:{_path(server)}?mode=ro", uri=True)) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute(sql)]


def _copies(server, number):
    """Copies of the one key under hashes that nobody can have, the change numbers going on from it."""
    with contextlib.closing(sqlite3.connect(_path(server))) as db, db:
        names = [row[1] for row in db.execute("PRAGMA table_info(keys)")]
        other = [name for name in names if name not in ("id", "hash", "change")]
        db.execute(f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {number})"
                   f" INSERT INTO keys (id, hash, change, {', '.join(other)})"
                   f" SELECT 'copy' || i, randomblob(32), change + i, {', '.join(other)} FROM n, keys")


def every_run_leaves_one_row(server):
    before = len(_rows(server))
    answers = [server.run("bash", "echo hi; exit 3"), server.run("bash", "echo other")]
    wait_until(lambda: len(_rows(server)) == before + 2)
    for answer, row in zip(answers, _rows(server)[before:]):
        assert (row["id"], row["language"], row["version"]) == (answer["id"], "bash", answer["version"]), row
        assert row["key_id"].startswith("key_") and len(row["source_hash"]) == 32, row
        assert row["exit_code"] == answer["exit_code"] and row["stdout_bytes"] == len(answer["stdout"]), row
        assert abs(row["wall_ns"] / 1e6 - answer["wall_time_ms"]) < 0.01, (row, answer)
        assert abs(row["finished_ms"] / 1000 - time.time()) < 10, row
    hashes = {bytes(row["source_hash"]) for row in _rows(server)[before:]}
    assert len(hashes) == 2


def a_refused_request_leaves_none(server):
    before = len(_rows(server))
    assert server.execute("bash", "true", limits={"wall_time_ms": 0}).status == 400
    server.run("bash", "true")
    wait_until(lambda: len(_rows(server)) == before + 1)


@needs_root
def files_belong_to_the_stores_user_and_to_nobody_else(server):
    server.make_key()  # by root's command line, while the server runs
    directory = os.path.dirname(_path(server))
    found = os.stat(directory)
    assert (found.st_uid, stat.S_IMODE(found.st_mode)) == (server.uid_base + UID_STORE, 0o700), found
    names = os.listdir(directory)
    assert "sandglass.db-wal" in names, names
    assert {os.stat(os.path.join(directory, name)).st_uid for name in names} == {server.uid_base + UID_STORE}, names


def a_killed_store_loses_no_key_and_no_committed_row():
    with Server() as server:
        answer = server.run("bash", "true")
        wait_until(lambda: _rows(server))
        server.wait_restarted("store", server.kill("store"))
        wait_until(lambda: server.get("/v1/runtimes").status == 200)
        assert [row["id"] for row in _rows(server)] == [answer["id"]]
        after = server.run("bash", "true")
        wait_until(lambda: [row["id"] for row in _rows(server)] == [answer["id"], after["id"]])


def a_restarted_front_is_told_all_keys_again():
    with Server() as server:
        server.wait_restarted("front", server.kill("front"))
        wait_until(lambda: server.get("/v1/runtimes").status == 200)
        assert server.get("/v1/runtimes", key="sg_" + "0" * 49).status == 401


def rows_are_committed_when_the_server_is_told_to_stop():
    with Server() as server:
        for _ in range(3):
            last = server.run("bash", "true")
        assert server.stop() == 0
        assert _rows(server)[-1]["id"] == last["id"] and len(_rows(server)) == 3


def more_keys_than_a_channel_holds_are_all_sent():
    with Server(start=False) as server:
        _copies(server, 5000)
        last = server.make_key("--name", "the last")
        server.start()
        wait_until(lambda: server.get("/v1/runtimes", key=last).status == 200)
        loaded = server.log_events("keys_loaded")
        assert [event["count"] for event in loaded] == ["5002"], loaded


def a_damaged_database_lets_nobody_in_and_says_why():
    with Server(start=False) as server:
        with open(_path(server), "r+b") as file:
            file.seek(4096)
            file.write(b"J" * 4096)
        server.launch()
        wait_until(lambda: server.log_events("database_unusable"))
        event = server.log_events("database_unusable")[0]
        assert event["role"] == "store" and "damaged" in event["reason"], event
        assert "sandglass.db" in event["reason"], event


@needs_root
def a_full_disk_delays_rows_and_stops_neither_keys_nor_runs():
    with Server(start=False, keys=0) as server:
        state = server.settings["state_dir"]
        os.makedirs(state, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", state], check=True)
        try:
            _run_on_a_full_disk(server, os.path.join(state, "filler"))
            server.stop()
        finally:
            subprocess.run(["umount", "--lazy", state], check=True)


def _run_on_a_full_disk(server, filler):
    server.keys = [server.make_key()]
    server.start()
    server.run("bash", "true")
    wait_until(lambda: len(_rows(server)) == 1)
    with contextlib.suppress(OSError), open(filler, "wb", buffering=0) as file:
        while file.write(b"f" * 4096):
            pass
    runs = 0
    while not server.log_events("database_waits"):  # what is allocated of the log already is used first
        server.run("bash", "true")
        runs += 1
    server.run("bash", "true")
    assert len(server.log_events("child_started")) == 3, server.log()
    os.unlink(filler)
    wait_until(lambda: len(_rows(server)) == runs + 2)
