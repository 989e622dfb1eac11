#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
make bench: what a run costs over HTTP beside starting the same program on the same file without a jail, in
turns within one run of this program; runs per second at full load; memory; what ready jails cost while idle.
Prints tables and writes JSON to bench/results/.
"""

import argparse
import base64
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(SOURCE / "tests"))

from lib import host, manifest, paths  # noqa: E402
from lib.server import Server  # noqa: E402
import sessions  # noqa: E402
from warm import LONG_AHEAD, ROWS as WARM_ROWS  # noqa: E402

TOOLS = paths.BUILD / "bench"

# Says hello; asked for it, hands out its own bytes, so that the native case runs what the image's compiler made.
HELLO_C = r"""
#include <stdio.h>

int main(int argc, char **argv)
{
	if (argc < 2) {
		puts("Hello from an executable");
		return 0;
	}
	FILE *self = fopen("/proc/self/exe", "rb");
	char block[65536];
	for (size_t n; (n = fread(block, 1, sizeof(block), self)) > 0;)
		fwrite(block, 1, n, stdout);
	return argv[1][0] != 's';
}
"""


class Case:
    """One program: how a request asks for it, and the same without a jail."""

    def __init__(self, name, language, file_name, data, expected, target, *commands):
        self.name, self.language, self.file_name, self.data = name, language, file_name, data
        self.expected, self.target, self.commands = expected, target, commands

    def request_fields(self):
        if isinstance(self.data, str):
            return {"code": self.data}
        content = base64.b64encode(self.data).decode()
        return {"files": [{"name": self.file_name, "content": content, "encoding": "base64"}]}


def cases(server):
    done = server.run("c", HELLO_C, args=["self"], output_encoding="base64")
    program = base64.b64decode(done["stdout"])

    def script(name, language, file_name, target, *argv):
        hello = manifest.hello_of(language)
        return Case(name, language, file_name, hello["code"], hello["output"].strip(), target, [*argv, file_name])

    hello_c = manifest.hello_of("c")
    compile_and_run = (["/usr/bin/gcc", "-O2", "-std=gnu17", "-o", "main", "main.c", "-lm", "-pthread"], ["/work/main"])
    return [
        Case("native", "binary", "main", program, "Hello from an executable", 1.5, ["/work/main"]),
        script("bash", "bash", "main.sh", 1.5, "/usr/bin/bash"),
        script("python", "python", "main.py", 1.15, "/usr/bin/python3"),
        script("node", "javascript", "main.js", 1.15, *manifest.command_of("javascript", "run")[:1]),
        Case("c, compiled", "c", "main.c", hello_c["code"] + "// @@@@@@@@\n", hello_c["output"].strip(), None, *compile_and_run),
        Case("c, cached", "c", "main.c", hello_c["code"], hello_c["output"].strip(), None, *compile_and_run),
    ]


def plain_toolchain(name, compile_words):
    """What a compile stage stands for that does a toolchain's work sooner (runtimes/c/compile.c, runtimes/rust/cc.c,
    runtimes/go/compile.go and runtimes/swift/build.sh)."""
    if name in ("c", "cpp"):
        return compile_words[1:]
    if name == "go":
        return ["/opt/sandglass/go/build", *compile_words[1:]]
    if name == "swift":
        return ["/usr/bin/swiftc", "-o", compile_words[1], compile_words[-1]]
    return [*compile_words, "-Clinker=/usr/bin/cc"] if name == "rust" else compile_words


class Language:
    """The hello of a runtime, and its commands for a machine without jails, from its manifest."""

    LIMITS = {"{memory_mib}": "512", "{heap_mib}": "384", "{young_mib}": "16", "{cpus}": "1"}

    def __init__(self, name):
        self.name, self.file_name = name, manifest.scalar_of(name, "file_name")
        self.hello, self.artefact = manifest.hello_of(name), manifest.scalar_of(name, "artefact") or ""
        self.compile, self.run = plain_toolchain(name, self._words("compile")), self._words("run")
        if name == "r":  # the manifest gives R the environment that this script sets
            self.run = ["/usr/bin/Rscript", self.file_name]

    def _words(self, key):
        values = {"{entry}": self.file_name, "{out}": self.artefact, "{sources}": self.file_name, **self.LIMITS}
        words = []
        for word in manifest.command_of(self.name, key):
            if word in ("{args}", "{flags}"):
                continue
            for placeholder, value in values.items():
                word = word.replace(placeholder, value)
            words.append(word)
        return words

    def case(self):
        # tools that find their result there, and in order, do nothing
        anew = ["/usr/bin/rm", "-f", self.artefact]
        commands = [anew, self.compile, self.run] if self.compile else [self.run]
        return Case(self.name, self.name, self.file_name, self.hello["code"], self.hello["output"].strip().splitlines()[0], None, *commands)


class Bench:
    def __init__(self, server, image, directory):
        self.server, self.image, self.directory = server, image, directory

    def _path(self, case, suffix, data):
        path = os.path.join(self.directory, case.name.replace(", ", "-") + suffix)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def over_http(self, case, connections, count, pause_us=0):
        request = self.server.encoded(case.language, **case.request_fields())
        path = self._path(case, ".http", request)
        return _tool("bench-load", self.server.listening_port(), path, connections, count, case.expected, pause_us)

    def bare(self, case, workers, count, pause_us=0, how="piped"):
        data = case.data if isinstance(case.data, bytes) else case.data.encode()
        words = [word for command in case.commands for word in (*command, "then")][:-1]
        path = self._path(case, ".program", data)
        return _tool("bench-bare", self.image, path, case.file_name, workers, count // workers * workers, pause_us, how, *words)


def _tool(name, *words):
    done = subprocess.run([TOOLS / name, *map(str, words)], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def percentiles(samples_ns):
    ordered = sorted(samples_ns)
    return {f"p{p}_ms": ordered[min(len(ordered) - 1, len(ordered) * p // 100)] / 1e6 for p in (50, 90, 99)}


# --- what is measured ---

PARTS = ["latency", "languages", "warm", "sessions", "throughput", "idle", "dialects", "batch"]
PAUSE_US = 5000
WAYS = ("http", "bare", "bare, output to /dev/null", "http, back to back", "bare, back to back")


def latency(bench, case, rounds, chunk):
    """
    One client. With a pause before each request a run is seen on its own; back to back it competes with the
    clearing up after its predecessor and the making of the next jail. The ways take turns, so that whatever
    else the machine does hits all of them.
    """
    measures = (lambda: bench.over_http(case, 1, chunk, PAUSE_US), lambda: bench.bare(case, 1, chunk, PAUSE_US),
                lambda: bench.bare(case, 1, chunk, PAUSE_US, "plain"), lambda: bench.over_http(case, 1, chunk),
                lambda: bench.bare(case, 1, chunk))
    samples = {way: [] for way in WAYS}
    for number in range(rounds + 1):
        for way, measure in zip(WAYS, measures):
            taken = measure()["samples_ns"]
            if number > 0:  # the first round warms caches
                samples[way] += taken
            bench.server.wait_idle()
    row = {way: percentiles(taken) for way, taken in samples.items()}
    row["ratio_p50"] = row["http"]["p50_ms"] / row["bare"]["p50_ms"]
    row["ratio_p50_back_to_back"] = row["http, back to back"]["p50_ms"] / row["bare, back to back"]["p50_ms"]
    row["target_p50"] = case.target
    return row


def _timed_run(bench, language, code):
    began = time.perf_counter()
    answer = bench.server.run(language.name, code)
    assert answer["status"] == "ok", answer
    return (time.perf_counter() - began) * 1e3, answer


def language_row(bench, name, rounds):
    """Hello in one language: bare, over HTTP for the first time, and again; in turns. A comment or blank line that
    differs makes a program that no cache of compiled ones knows."""
    language = Language(name)
    rows = {"bare": [], "cold": [], "cached": [], "compile": []}
    for number in range(rounds + 1):
        code = language.hello["code"] + "\n" * (number + 1)
        cold, answer = _timed_run(bench, language, code)
        cached, _ = _timed_run(bench, language, code)
        bare = bench.bare(language.case(), 1, 2)["samples_ns"][-1] / 1e6  # the first one looks up every path anew
        if number > 0:  # the first round warms the page cache
            for key, value in (("bare", bare), ("cold", cold), ("cached", cached),
                               ("compile", answer.get("compile", {}).get("wall_time_ms", 0))):
                rows[key].append(value)
        bench.server.wait_idle()
    row = {f"{key}_ms": statistics.median(values) for key, values in rows.items()}
    return {**row, "allowed_ms": row["bare_ms"] * 1.25 + 3}


WARM_CHUNK, WARM_PAUSE_US = 4, 400_000  # a pause in which a parked interpreter is replaced


def settle(server, within=180):
    """Until nothing in jails uses the processor for a second: all that is parked is as ready as it gets."""
    end, used = time.monotonic() + within, None
    while time.monotonic() < end:
        before, used = used, {pid: host.cpu_ticks(pid) for pid in server.user_processes()}
        if before and before == used:
            return
        time.sleep(1)


def warm_row(bench, case, rounds):
    """A server that parks all it can, beside bare, in turns; each after a pause: the machine is as idle, its caches as cold, for both."""
    samples, parked = {"http": [], "bare": []}, 0
    pause_us = WARM_PAUSE_US * (8 if case.name in LONG_AHEAD else 1)
    for number in range(rounds + 1):
        before = bench.server.metrics()["sandglass_runs_warm_total"]
        taken = {"http": bench.over_http(case, 1, WARM_CHUNK, pause_us), "bare": bench.bare(case, 1, WARM_CHUNK, WARM_PAUSE_US)}
        if number > 0:  # the first round warms caches
            parked += bench.server.metrics()["sandglass_runs_warm_total"] - before
            for way, done in taken.items():
                samples[way] += done["samples_ns"]
    row = {way: percentiles(taken) for way, taken in samples.items()}
    return {**row, "ratio_p50": row["http"]["p50_ms"] / row["bare"]["p50_ms"], "target_p50": case.target,
            "parked": parked / len(samples["http"])}


CROWD = ("python hello", "node hello")
CROWD_CLIENTS, CROWD_TARGET = 8, 3


def warm(directory, image, only, rounds, seconds):
    with Server({"slots_ready": 8, "warm": "full", "warm_slots_max": 64, "compile_cache_bytes": 0}) as server:
        bench, rows, crowd = Bench(server, image, directory), {}, {}
        for name, language, file, code, expected, target, commands in WARM_ROWS:
            if only in name:
                settle(server)
                case = Case(name, language, file, code, expected, target, *commands)
                rows[name] = warm_row(bench, case, rounds)
                if name in CROWD:
                    crowd[name] = throughput(bench, case, CROWD_CLIENTS, seconds)
        return {"rows": rows, "crowd": crowd, "memory_kib": sum(map(host.rss_kib, server.processes())), "cgroup_kib": _cgroup_kib(server)}


def throughput(bench, case, clients, seconds):
    """Runs a second with so many clients, beside as many workers without a jail, in turns."""
    rates = {"http": [], "bare": []}
    count = max(clients * 4, 40)
    end = time.monotonic() + seconds
    while time.monotonic() < end or len(rates["bare"]) < 2:
        for way, measure in (("http", bench.over_http), ("bare", bench.bare)):
            done = measure(case, clients, count)
            rates[way].append(len(done["samples_ns"]) / done["elapsed_ns"] * 1e9)
        bench.server.wait_idle()
    return {way: statistics.median(values) for way, values in rates.items()}


def peak_memory(server):
    return {role: host.rss_peak_kib(pid) for role, pid in server.roles().items()}


def _idle(slots):
    with Server({"slots_ready": slots}) as server:
        while server.metrics()["sandglass_slots_ready"] < slots:
            time.sleep(0.1)
        time.sleep(2)
        pids = server.processes()
        before = sum(map(host.cpu_ticks, pids))
        time.sleep(5)
        ticks = sum(map(host.cpu_ticks, pids)) - before
        return {"available_kib": host.meminfo_kib("MemAvailable"), "slab_kib": host.meminfo_kib("Slab"),
                "rss_kib": sum(map(host.rss_kib, pids)), "cpu_percent": ticks / os.sysconf("SC_CLK_TCK") / 5 * 100,
                "cgroup_kib": _cgroup_kib(server)}


def _cgroup_kib(server):
    """Memory that the cgroups of ready jails are charged with."""
    total = 0
    for directory in server.cgroups():
        for name in ("memory.usage_in_bytes", "memory.current"):
            path = os.path.join(directory, name)
            if os.path.exists(path) and not any(e.is_dir() for e in os.scandir(directory)):
                total += int(pathlib.Path(path).read_text())
    return total // 1024


def idle_cost(few=8, many=64):
    """Differences between a server with few and one with many ready jails, per jail; medians of three."""
    differences = []
    for _ in range(3):
        less, more = _idle(few), _idle(many)
        each = {name: (more[name] - less[name]) / (many - few) for name in less}
        each["available_kib"] = -each["available_kib"]
        differences.append({**each, "cpu_percent_all": more["cpu_percent"]})
    return {name: statistics.median(d[name] for d in differences) for name in differences[0]}


BATCH_TESTS, BATCH_ALLOWED = 100, 1.5
BATCH_PROGRAMS = {"hello": "", "5 ms of work": "for (volatile long i = 0; argc < 2 && i < 5000000; i++)\n\t\t;\n\t"}


def _batch_once(server, code):
    tests = [{"expected_stdout": "Hello from an executable"}] * BATCH_TESTS
    began = time.perf_counter()
    reply = server.post("/v1/batch", {"language": "c", "code": code, "tests": tests})
    took = (time.perf_counter() - began) * 1e3
    assert reply.status == 200 and reply.json["passed"] == BATCH_TESTS, reply
    return took


def batch_row(bench, work, rounds):
    """A batch whose program is not yet compiled, beside one plain compile and so many plain runs of the same program one after
    another; in turns."""
    code = HELLO_C.replace("if (argc < 2)", work + "if (argc < 2)")
    done = bench.server.run("c", code, args=["self"], output_encoding="base64")
    program = base64.b64decode(done["stdout"])
    run = Case("batch", "binary", "main", program, "", None, ["/work/main"])
    gcc = Case("batch compile", "c", "main.c", code, "", None, ["/usr/bin/gcc", "-O2", "-std=gnu17", "-o", "main", "main.c", "-lm", "-pthread"])
    rows = {"batch": [], "bare": [], "compile": []}
    for number in range(rounds + 1):
        taken = {"batch": _batch_once(bench.server, code + f"// {number}\n"), "bare": sum(bench.bare(run, 1, BATCH_TESTS)["samples_ns"]) / 1e6,
                 "compile": bench.bare(gcc, 1, 2)["samples_ns"][-1] / 1e6}
        for key, value in taken.items() if number > 0 else ():  # the first round warms the page cache
            rows[key].append(value)
        bench.server.wait_idle()
    row = {f"{key}_ms": statistics.median(values) for key, values in rows.items()}
    return {**row, "allowed_ms": row["bare_ms"] * BATCH_ALLOWED + row["compile_ms"]}


def dialects(rounds=5):
    """Microseconds of processor time for a request of 1 KiB and its answer in each wire format; medians."""
    samples = {}
    for _ in range(rounds):
        done = subprocess.run([paths.BUILD / "tests" / "unit" / "unit-api-speed", "dialects"], stdout=subprocess.PIPE, check=True, text=True)
        for line in done.stdout.splitlines():
            name, _, decode, encode = line.split()
            samples.setdefault(name, []).append((float(decode), float(encode)))
    return {name: {"decode_us": statistics.median(d for d, _ in rows), "encode_us": statistics.median(e for _, e in rows), "target_us": 20}
            for name, rows in samples.items()}


# --- what is shown ---

def table(title, head, rows):
    print(f"\n{title}")
    widths = [max(len(str(row[i])) for row in [head, *rows]) for i in range(len(head))]
    for row in [head, *rows]:
        print("  " + "  ".join(str(cell).rjust(w) if i else str(cell).ljust(w) for i, (cell, w) in enumerate(zip(row, widths))))


def show_latency(results):
    head = ["hello", "way", "p50 ms", "p90 ms", "p99 ms", "p50/bare", "target"]
    rows = []
    for name, row in results.items():
        ratios = {"http": row["ratio_p50"], "http, back to back": row["ratio_p50_back_to_back"]}
        for way in WAYS:
            numbers = [f"{row[way][k]:.3f}" for k in ("p50_ms", "p90_ms", "p99_ms")]
            ratio = f"{ratios[way]:.2f}" if way in ratios else ""
            target = f"<= {row['target_p50']}" if way == "http" and row["target_p50"] else ""
            rows.append([name if way == "http" else "", way, *numbers, ratio, target])
    table(f"one client, keep-alive; {PAUSE_US / 1000:.0f} ms between requests unless back to back", head, rows)


def show_languages(results):
    rows = [[name, *(f"{row[key]:.1f}" for key in ("bare_ms", "cold_ms", "compile_ms", "cached_ms", "allowed_ms")),
             "" if row["cold_ms"] <= row["allowed_ms"] else "missed"] for name, row in results.items()]
    table("hello in every language, one client, median", ["language", "bare ms", "first ms", "of it compile", "again ms", "1.25x+3", ""], rows)


def show_warm(report):
    rows = []
    for name, row in report["rows"].items():
        met = "" if row["ratio_p50"] <= row["target_p50"] else "missed"
        tail = row["http"]["p99_ms"] / row["http"]["p50_ms"]
        rows.append([name, *(f"{row[way][p]:.2f}" for way in ("bare", "http") for p in ("p50_ms", "p99_ms")), f"{row['ratio_p50']:.3f}",
                     f"<= {row['target_p50']}", met, f"{tail:.1f}", f"{row['parked']:.2f}"])
    table("warm starts, one client, nothing cached", ["program", "bare p50", "p99", "http p50", "p99", "p50/bare", "target", "",
                                                      "p99/p50", "parked per run"], rows)
    table(f"warm starts, {CROWD_CLIENTS} clients, beside as many workers without a jail", ["program", "http/s", "bare/s", "http/bare", "target", ""],
          [[name, f"{r['http']:.0f}", f"{r['bare']:.0f}", f"{r['http'] / r['bare']:.2f}", f">= {CROWD_TARGET}",
            "" if r["http"] >= CROWD_TARGET * r["bare"] else "missed"] for name, r in report["crowd"].items()])
    print(f"  with all parked and idle: {report['memory_kib'] / 1024:.0f} MiB resident in all processes, "
          f"{report['cgroup_kib'] / 1024:.0f} MiB charged to the jails")


def show_throughput(results):
    rows = [[name, clients, f"{r['http']:.0f}", f"{r['bare']:.0f}", f"{r['http'] / r['bare']:.2f}"]
            for name, by_clients in results.items() for clients, r in by_clients.items()]
    table("runs a second", ["hello", "clients", "http", "bare", "http/bare"], rows)


def show_batch(results):
    rows = [[name, *(f"{row[key]:.0f}" for key in ("compile_ms", "bare_ms", "allowed_ms", "batch_ms")), f"{row['batch_ms'] / row['allowed_ms']:.2f}",
             "" if row["batch_ms"] < row["allowed_ms"] else "missed"] for name, row in results.items()]
    table(f"a batch of {BATCH_TESTS} tests of a C program, median", ["program", "bare compile ms", f"{BATCH_TESTS} bare runs ms",
                                                                    f"{BATCH_ALLOWED} x runs + compile", "batch ms", "of that", ""], rows)


def show_dialects(results):
    rows = []
    for name, row in results.items():
        both = row["decode_us"] + row["encode_us"]
        rows.append([name, f"{row['decode_us']:.2f}", f"{row['encode_us']:.2f}", f"{both:.2f}", f"<= {row['target_us']}",
                     "" if both <= row["target_us"] else "missed"])
    table("a request of 1 KiB and its answer, processor time", ["format", "decode us", "encode us", "both", "target", ""], rows)


def missed(results):
    return [f"{name}: {row['ratio_p50']:.2f} > {row['target_p50']}" for name, row in results.items()
            if row["target_p50"] and row["ratio_p50"] > row["target_p50"]]


def machine():
    model = [line.partition(":")[2].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    commit = subprocess.run(["git", "-C", SOURCE, "rev-parse", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    return {"cpu": model[0] if model else platform.machine(), "cores": os.cpu_count(), "kernel": platform.release(), "commit": commit,
            "memory_kib": host.meminfo_kib("MemTotal"), "load_average": os.getloadavg()[0]}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="turns of each way in the latency part")
    parser.add_argument("--chunk", type=int, default=20, help="runs in a turn")
    parser.add_argument("--seconds", type=float, default=6, help="for each line of the throughput part")
    parser.add_argument("--only", default="", help="only cases whose name holds this")
    parser.add_argument("--part", action="append", choices=PARTS, help="only these parts")
    return parser.parse_args()


def installed(server):
    """Each language with the root of the image that holds the version which is chosen when none is asked for."""
    return [(runtime["id"], paths.IMAGES / runtime["versions"][0]["image"] / "root") for runtime in server.get("/v1/runtimes").json
            if runtime["versions"] and runtime["id"] != "binary"]


def main():
    options = arguments()
    parts = options.part or PARTS
    if os.geteuid() != 0:
        sys.exit("bench needs root: the reference runs inside the image's root")
    if "default" not in paths.image_names():
        sys.exit(f"there is no image in {paths.IMAGES}; run 'make image' first")
    image = paths.IMAGES / "default" / "root"
    report = {"machine": machine(), "latency": {}, "languages": {}, "throughput": {}}
    with tempfile.TemporaryDirectory() as directory, Server({"slots_ready": 8}) as server:
        bench = Bench(server, image, directory)
        wanted = [case for case in cases(server) if options.only in case.name]
        for case in wanted if "latency" in parts else []:
            report["latency"][case.name] = latency(bench, case, options.rounds, options.chunk)
        for name, own_image in installed(server) if "languages" in parts else []:
            if options.only in name:
                report["languages"][name] = language_row(Bench(server, own_image, directory), name, options.rounds)
        for case in wanted if "throughput" in parts else []:
            report["throughput"][case.name] = {n: throughput(bench, case, n, options.seconds) for n in (2, 8, 64)}
        for name, work in BATCH_PROGRAMS.items() if "batch" in parts else []:
            report.setdefault("batch", {})[name] = batch_row(bench, work, options.rounds)
        report["peak_memory_kib"] = peak_memory(server)
        if "warm" in parts:
            report["warm"] = warm(directory, image, options.only, options.rounds, options.seconds)
        if "sessions" in parts:
            samples = sessions.measure(lambda server: Bench(server, image, directory), options.rounds, settle)
            report["sessions"] = {name: percentiles(taken) for name, taken in samples.items()}
    if "idle" in parts:
        report["idle_jail"] = idle_cost()
    if "dialects" in parts:
        report["dialects"] = dialects()
    show(report)
    save(report)


def show(report):
    load = report["machine"]["load_average"]
    if load > 0.3 * os.cpu_count():
        print(f"The machine was busy with other things (load {load:.1f}) when this began: do not trust the ratios.")
    show_latency(report["latency"])
    if report["languages"]:
        show_languages(report["languages"])
    if "warm" in report:
        show_warm(report["warm"])
    if "sessions" in report:
        table("a Python program in a session, one client", ["hello", "p50 ms", "p99 ms", "of a run of its own", "target p50", ""],
              list(sessions.lines(report["sessions"])))
    show_throughput(report["throughput"])
    if report.get("batch"):
        show_batch(report["batch"])
    if "dialects" in report:
        show_dialects(report["dialects"])
    table("peak memory of the server's processes", ["process", "MiB"],
          [[role, f"{kib / 1024:.1f}"] for role, kib in report["peak_memory_kib"].items()])
    idle = report.get("idle_jail")
    if idle:
        table("one more ready jail costs", ["what", "amount"], [
            ["memory of the machine", f"{idle['available_kib']:.0f} KiB"], ["charged to its cgroup", f"{idle['cgroup_kib']:.0f} KiB"],
            ["kernel slab", f"{idle['slab_kib']:.0f} KiB"], ["CPU of 64 of them and the server", f"{idle['cpu_percent_all']:.2f} % of a core"]])
    for line in missed(report["latency"]):
        print(f"missed target: {line}")


def save(report):
    directory = SOURCE / "bench" / "results"
    directory.mkdir(exist_ok=True)
    path = directory / time.strftime("%Y%m%d-%H%M%S.json")
    path.write_text(json.dumps(report, indent=1) + "\n")
    print(f"\nwritten to {path}")


if __name__ == "__main__":
    main()
