#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
The conformance suite: every case of every language in every installed version, on one real server. Prints a
line for each, what was wrong below it, and closes with 'N passed, N failed[, N skipped]'. See cases.toml.
"""

import argparse
import concurrent.futures
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import case as cases  # noqa: E402
import table  # noqa: E402
from lib.server import Server  # noqa: E402



class Task:
    """A case in one version of its language."""

    def __init__(self, language, version, case):
        self.language, self.version, self.case = language, version, case
        self.target = f"{language} {version}"
        self.outcome, self.faults, self.seconds = "skipped", [], 0.0

    def run(self, server):
        begin = time.monotonic()
        try:
            self.faults = self._faults(server)
        except (AssertionError, OSError, ValueError, KeyError) as e:
            self.faults = [f"{type(e).__name__}: {e}"]
        self.seconds = time.monotonic() - begin
        self.outcome = "failed" if self.faults else "passed"
        return self

    def _faults(self, server):
        if not self.case.program():
            return ["there is no program for it"]
        result = server.run(self.language, version=f"={self.version}", timeout=600, **self.case.request())
        return self.case.faults(result)

    def line(self):
        if self.outcome == "skipped":
            return f"skipped {self.target} {self.case.name}: {self.case.skip}"
        head = f"{self.outcome:<7} {self.target} {self.case.name} ({self.seconds:.1f} s)"
        return "\n".join([head, *(f"        {fault}" for fault in self.faults)])


def installed(server):
    """{runtime: its versions, each with its provider or None} of what the images hold."""
    return {r["id"]: [(v["version"], v.get("provider")) for v in r["versions"]] for r in server.get("/v1/runtimes").json}


def tasks_of(options, versions):
    """All that is to be done, and the languages that no image holds."""
    chosen = options.languages or cases.languages()
    tasks = [Task(language, version, case) for language in chosen for version, provider in versions.get(language, [])
             for case in cases.cases_of(language, provider) if not options.case or case.name in options.case]
    return tasks, [language for language in chosen if not versions.get(language)]


def run_all(server, tasks, jobs):
    wanted = [task for task in tasks if not task.case.skip]
    for task in tasks:
        if task.case.skip:
            print(task.line())
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for done in concurrent.futures.as_completed([pool.submit(task.run, server) for task in wanted]):
            print(done.result().line(), flush=True)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("languages", nargs="*", help="only these")
    parser.add_argument("--case", action="append", help="only this case; may be given several times")
    parser.add_argument("--jobs", type=int, default=2 * (os.cpu_count() or 1), help="cases at a time")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the server")
    parser.add_argument("--table", action="store_true", help="also print a table, language by case")
    parser.add_argument("--markdown", action="store_true", help="also print a table for the README")
    return parser.parse_args()


def report(options, tasks, missing):
    results = {(task.target, task.case.name): task.outcome for task in tasks}
    if options.table and results:
        print(f"\n{table.text(results, cases.common_names())}")
    if options.markdown and results:
        print(f"\n{table.markdown(results)}")
    counts = [sum(1 for task in tasks if task.outcome == outcome) for outcome in ("passed", "failed", "skipped")]
    counts[2] += len(missing)
    print(f"{counts[0]} passed, {counts[1]} failed" + (f", {counts[2]} skipped" if counts[2] else ""))
    return 1 if counts[1] or not counts[0] else 0


def main():
    options = arguments()
    with Server(dict(text.split("=", 1) for text in options.set)) as server:
        tasks, missing = tasks_of(options, installed(server))
        for language in missing:
            print(f"skipped {language}: no image holds it")
        run_all(server, tasks, options.jobs)
        print(f"{server.metrics()['sandglass_runs_warm_total']:.0f} stages served by parked processes")
    return report(options, tasks, missing)


if __name__ == "__main__":
    sys.exit(main())
