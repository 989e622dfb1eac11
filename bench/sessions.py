# SPDX-License-Identifier: Apache-2.0
"""What a run of a session costs beside a run of its own: the same program in the same server, in turns."""

from lib.server import Server

PROGRAM = "print('hello')"
# name, made with, code, what the answer holds, at most: (of a run of its own, ms)
ROWS = [
    ("a run of its own", None, PROGRAM, '"stdout":"hello', (None, None)),
    ("in a session", {}, PROGRAM, '"stdout":"hello', (1.2, None)),
    ("in a session, writes a file", {}, "open('f', 'w').write('hello')", '"kept":true', (None, None)),
    ("in a stateful session", {"stateful": True}, "6 * 7", '"42"', (None, 2)),
]
CHUNK, PAUSE_US = 4, 100_000  # a pause in which a parked interpreter is replaced


class SessionCase:
    """As bench/run.py's Case, of which only what over_http needs."""

    def __init__(self, name, fields, expected):
        self.name, self.language, self.fields, self.expected = name, "python", fields, expected

    def request_fields(self):
        return self.fields


def _case(server, name, made_with, code, expected):
    if made_with is None:
        return SessionCase(name, {"code": code}, expected)
    reply = server.post("/v1/sessions", {"language": "python", **made_with})
    assert reply.status == 201, reply
    return SessionCase(name, {"code": code, "session_id": reply.json["id"]}, expected)


def measure(bench_of, rounds, settle):
    """{name: nanoseconds of each request}; bench_of(server) measures over HTTP."""
    with Server({"slots_ready": 8, "warm": "full", "warm_slots_max": 64}) as server:
        cases = [_case(server, *row[:4]) for row in ROWS]
        bench, samples = bench_of(server), {case.name: [] for case in cases}
        settle(server)
        for number in range(rounds + 1):
            for case in cases:
                taken = bench.over_http(case, 1, CHUNK, PAUSE_US)["samples_ns"]
                if number > 0:  # the first round warms caches
                    samples[case.name] += taken
        return samples


def lines(report):
    """Of a table: the row's name, milliseconds, of a run of its own, what it may be at most, whether it is."""
    alone = report[ROWS[0][0]]["p50_ms"]
    for name, *_, (ratio, ms) in ROWS:
        row = report[name]
        most = alone * ratio if ratio else ms
        yield [name, f"{row['p50_ms']:.2f}", f"{row['p99_ms']:.2f}", f"{row['p50_ms'] / alone:.2f}", f"<= {most:.2f} ms" if most else "",
               "missed" if most and row["p50_ms"] > most else ""]
