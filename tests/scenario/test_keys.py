# SPDX-License-Identifier: Apache-2.0
"""Who may call: keys, their limits and their rate."""

import concurrent.futures
import time

from lib.client import wait_until
from lib.scenario import cases
from lib.server import Server

RUN = {"language": "bash", "code": "true"}


def _status(server, headers, path="/v1/runtimes"):
    return server.request("GET", path, headers=headers).status


def both_headers_carry_a_key(server):
    assert server.get("/v1/runtimes", headers=(("X-API-Key", server.key),)).status == 200
    for scheme in ("Bearer", "bearer", "BEARER"):
        assert _status(server, (("Authorization", f"{scheme} {server.key}"),)) == 200, scheme


@cases("/v1/runtimes", "/v1/capabilities", "/metrics")
def without_a_key_there_is_no_answer(server, path):
    reply = server.get(path, headers=())
    assert (reply.status, reply.error["code"], reply.header("WWW-Authenticate")) == (401, "unauthenticated", "Bearer"), reply


def without_a_key_nothing_is_run(server):
    before = server.metrics()["sandglass_jobs_submitted_total"]
    assert server.post("/v1/execute", RUN, headers=()).status == 401
    assert server.metrics()["sandglass_jobs_submitted_total"] == before


def health_is_open_to_everybody(server):
    for path in ("/healthz", "/readyz"):
        assert _status(server, (), path) == 200


def wrong_keys_are_all_refused_alike(server):
    key = server.key
    swapped = key[:-1] + ("a" if key[-1] != "a" else "b")
    wrong = ["", "x", key[:-1], key + "x", swapped, key.upper(), key.replace("sg_", ""), "sg_" + "0" * 49, " ", "null", "ü", "x" * 8000]
    replies = [server.get("/v1/runtimes", headers=(("X-API-Key", w.encode().decode("latin-1")),)) for w in wrong]
    assert {r.status for r in replies} == {401} and len({r.error["message"] for r in replies}) == 1, replies


@cases("Basic {}", "{} {}", "Bearer", "Bearer  ", "Bearer {} x", "Token {}", "Bearer\t{}x")
def other_ways_to_say_a_key_are_refused(server, form):
    assert _status(server, (("Authorization", form.replace("{}", server.key)),)) == 401


def a_key_in_the_address_is_not_looked_at(server):
    assert _status(server, (), f"/v1/runtimes?api_key={server.key}") == 401


def refusals_are_counted(server):
    before = server.metrics()["sandglass_unauthenticated_total"]
    server.get("/v1/runtimes", headers=())
    assert server.metrics()["sandglass_unauthenticated_total"] == before + 1


def a_key_made_while_the_server_runs_is_known_within_a_second(server):
    key = server.make_key("--name", "later")
    wait_until(lambda: server.get("/v1/runtimes", key=key).status == 200)


def a_revoked_key_is_refused_within_a_second_and_its_neighbours_are_not(server):
    made = server.create_key("--name", "short-lived")
    wait_until(lambda: server.get("/v1/runtimes", key=made["key"]).status == 200)
    done = server.cli("keys", "revoke", "--config", server.config_path(), made["id"])
    assert done.returncode == 0, done
    wait_until(lambda: server.get("/v1/runtimes", key=made["key"]).status == 401)
    assert server.get("/v1/runtimes").status == 200


def a_key_is_stored_hashed_and_shown_once(server):
    import pathlib
    listed = server.cli("keys", "list", "--config", server.config_path())
    assert listed.returncode == 0 and server.key.encode() not in listed.stdout, listed
    files = [f for f in pathlib.Path(server.settings["state_dir"]).rglob("*") if f.is_file()]
    assert files and not any(server.key.encode() in f.read_bytes() for f in files)
    assert server.key not in server.log()


# --- rates ---

def the_header_triple_counts_down():
    with Server({"rate_per_minute": 5}) as server:
        seen = [server.get("/v1/runtimes") for _ in range(6)]
    assert [r.status for r in seen] == [200] * 5 + [429], seen
    assert [r.header("X-RateLimit-Limit") for r in seen] == ["5"] * 6
    assert [r.header("X-RateLimit-Remaining") for r in seen] == ["4", "3", "2", "1", "0", "0"]
    reset = {int(r.header("X-RateLimit-Reset")) for r in seen}
    assert max(reset) - min(reset) <= 1 and 50 <= min(reset) - time.time() <= 61, reset
    refused = seen[-1]
    assert refused.error["code"] == "rate_limited" and refused.error["retryable"] and 50 <= int(refused.header("Retry-After")) <= 60, refused


def exactly_the_limit_of_a_thousand_parallel_requests_passes():
    with Server({"rate_per_minute": 137}) as server:
        with concurrent.futures.ThreadPoolExecutor(100) as pool:
            statuses = list(pool.map(lambda _: server.get("/v1/capabilities").status, range(1000)))
        assert (statuses.count(200), statuses.count(429)) == (137, 863), set(statuses)
        assert server.metrics()["sandglass_rate_limited_total"] == 863


def keys_have_rates_of_their_own():
    with Server({"rate_per_minute": 2}) as server:
        other = server.make_key("--rate", "4")
        unlimited = server.make_key("--rate", "unlimited")
        wait_until(lambda: server.get("/metrics", key=unlimited).status == 200)
        assert [server.get("/v1/runtimes").status for _ in range(3)] == [200, 200, 429]
        assert [server.get("/v1/runtimes", key=other).status for _ in range(5)] == [200] * 4 + [429]
        reply = [server.get("/v1/runtimes", key=unlimited) for _ in range(20)][-1]
        assert reply.status == 200 and reply.header("X-RateLimit-Limit") is None, reply


def wrong_requests_count_and_health_and_metrics_do_not():
    with Server({"rate_per_minute": 3}) as server:
        for _ in range(5):
            assert server.get("/metrics").status == server.get("/healthz").status == 200
        assert [server.post("/v1/execute", b"nonsense").status for _ in range(4)] == [400, 400, 400, 429]


@cases(("--wall-time", "2s", "wall_time_ms", 2000), ("--cpu-time", "1500ms", "cpu_time_ms", 1500), ("--memory", "64M", "memory_bytes", 64 << 20),
       ("--disk", "1M", "disk_bytes", 1 << 20), ("--processes", "7", "processes", 7), ("--output", "9000", "output_bytes", 9000),
       ("--cpu-milli", "300", "cpu_milli", 300))
def a_keys_maxima_are_its_own(server, option, value, field, number):
    key = server.make_key(option, value)
    wait_until(lambda: server.get("/v1/runtimes", key=key).status == 200)
    assert server.execute("bash", "true", key=key, limits={field: number}).status == 200
    reply = server.execute("bash", "true", key=key, limits={field: number + 1})
    assert (reply.status, reply.error["code"], reply.error["limit"]) == (400, "limit_exceeded", number), reply
    assert server.run("bash", "true", key=key)["status"] == "ok"
