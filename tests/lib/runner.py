# SPDX-License-Identifier: Apache-2.0
"""A runner of files of tests: options, files in processes of their own, counts. See lib/scenario.py."""

import argparse
import multiprocessing
import multiprocessing.connection
import os
import re
import sys

from lib import paths, scenario, server

AGAIN_MOST = 5  # more than these have not failed by chance


def arguments(doc):
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("--only", default="", metavar="TEXT", help="only tests whose name contains TEXT")
    parser.add_argument("--jobs", type=int, default=min(4, 2 * (os.cpu_count() or 1)),
                        help="files at a time; more than processors, for most of a test is waiting")
    parser.add_argument("--verbose", action="store_true", help="name the tests that pass, with their time")
    return parser.parse_args()


def says(path, word):
    """Whether the module has the line WORD = True."""
    return re.search(rf"^{word} = True\b", path.read_text(), re.MULTILINE) is not None


class Results:
    def __init__(self, verbose):
        self.verbose = verbose
        self.counts = {"passed": 0, "failed": 0, "skipped": 0}
        self.skips, self.again = [], []
        self.failures = {}  # texts by label

    def add(self, label, outcome, text, seconds):
        self.counts[outcome] += 1
        if outcome == "skipped":
            self.skips.append((label, text))
        if outcome == "failed":
            self.failures[label] = text
            print(f"FAILED {label}\n{text}", flush=True)
        elif self.verbose:
            print(f"{outcome} {label} ({seconds:.2f} s)", flush=True)

    def forget(self, label):
        """A failure that counts as never run."""
        del self.failures[label]
        self.counts["failed"] -= 1
        self.again.append(label)

    def close(self):
        for label in self.again:
            if label not in self.failures:
                print(f"failed beside others and passed alone: {label}")
        for label, reason in self.skips:
            print(f"skipped {label}: {reason}")
        for label in self.failures:
            print(f"failed {label}")
        line = f"{self.counts['passed']} passed, {self.counts['failed']} failed"
        if self.skips:
            line += f", {len(self.skips)} skipped"
        print(line)
        return 1 if self.counts["failed"] or not self.counts["passed"] else 0


def _start(path, wants):
    """Its process, and where its results come from; that ends when the process does."""
    reader, writer = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.Process(name=path.stem, target=scenario.run_file, args=(path, wants, lambda *result: writer.send(result)))
    process.start()
    writer.close()
    return reader, process


def _receive(reader, process, results):
    """Whether there was one more result."""
    try:
        results.add(*reader.recv())
        return True
    except (EOFError, OSError):
        process.join()
        if process.exitcode:
            results.add(process.name, "failed", f"its process ended with {process.exitcode}", 0.0)
        return False


def run_files(files, jobs, wants, results):
    """Each file in a process of its own, at most `jobs` at a time; of its tests those whose label `wants` is true for."""
    waiting, running = list(files), {}
    while waiting or running:
        while waiting and len(running) < jobs:
            running.update([_start(waiting.pop(0), wants)])
        for reader in multiprocessing.connection.wait(running):
            if not _receive(reader, running[reader], results):
                running.pop(reader).close()


def run_again(files, results):
    """
    Many tests wait for what a server does in its time, and beside others that may be too slow. What failed so is run once
    more when nothing else is under way, and has failed if it fails again. It is named in any case.
    """
    by_name = {path.stem.removeprefix("test_"): path for path in files}
    slow = [label for label, text in results.failures.items() if ":" in label and not server.is_grave(text)]
    if len(results.failures) > AGAIN_MOST:
        return
    for label in slow:
        results.forget(label)
        run_files([by_name[label.partition(":")[0]]], 1, label.__eq__, results)


def main(doc, directory):
    """Runs all test_*.py of tests/<directory>; the status to exit with."""
    options = arguments(doc)
    if not paths.sandglassd().exists():
        sys.exit(f"{paths.sandglassd()} is missing: build first, or set SANDGLASS_BUILD_DIR")
    results = Results(options.verbose)
    files = sorted(scenario.files(directory), key=lambda path: not says(path, "LONG"))

    def wanted(label):
        return options.only in label

    run_files([f for f in files if not says(f, "ALONE")], options.jobs, wanted, results)
    if options.jobs > 1:
        run_again(files, results)
    run_files([f for f in files if says(f, "ALONE")], 1, wanted, results)
    return results.close()
