#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
The runtimes' own regression tests, piece by piece in real jails of one real server: what passes without a jail must
pass in one, but for what known.toml expects to fail. Where something else fails the piece is run without a jail as
well, and only what passes there is a failure. Prints a line for each piece, below it the failures, and closes with
'N passed, N failed[, N skipped]'. Images of the suites are built as they are needed. Needs root.
"""

import argparse
import collections
import concurrent.futures
import os
import pathlib
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[1])]

import images  # noqa: E402
import outside  # noqa: E402
import suite as suites  # noqa: E402
from lib.server import Server  # noqa: E402

MAXIMA = {f"{name}_max": most for name, most in suites.LIMITS.items()}


class Piece:
    """A part of a suite, and what came of it."""

    def __init__(self, suite, name):
        self.suite, self.name = suite, name
        self.why_skipped = suite.skipped().get(name)
        self.output, self.trouble, self.seconds = "", None, 0.0
        self.failures, self.beside = [], set()  # those in the jail, and without it

    @property
    def outcome(self):
        if self.why_skipped:
            return "skipped"
        return "failed" if self.unexpected() else "passed"

    def run(self, server, walls):
        begin = time.monotonic()
        try:
            self.output, self.trouble = self._jailed(server) if walls else self._outside()
        except (AssertionError, OSError, ValueError, KeyError) as e:
            self.trouble = f"{type(e).__name__}: {e}"
        self.failures = self._failures(self.output, self.trouble)
        if walls and self.unexpected():
            self.beside = set(self._failures(*self._outside()))
        self.seconds = time.monotonic() - begin
        return self

    def _jailed(self, server):
        result = server.run(self.suite.name, self.suite.program, args=[self.name], limits=self.suite.limits,
                            timeout=self.suite.limits["wall_time_ms"] / 1000 + 60)
        ok = result["status"] == "ok"
        ending = f"ended with {result['status']}, {result['exit_code']}, {result['signal']}"
        return result["stdout"], None if ok else ending

    def _outside(self):
        return outside.run(images.root(self.suite), self.suite, self.name)

    def _failures(self, output, trouble):
        return self.suite.failures(output) or ([suites.WHOLE] if trouble else [])

    def reason(self, test):
        """Why this failure is none of the jail's faults, None if it is one."""
        return self.suite.reason(self.name, test) or ("outside" if test in self.beside else None)

    def expected(self):
        """{why: how many}"""
        return collections.Counter(filter(None, map(self.reason, self.failures)))

    def unexpected(self):
        return [test for test in self.failures if not self.reason(test)]

    def lines(self):
        if self.why_skipped:
            return [f"skipped {self.suite.name} {self.name}: {self.why_skipped}"]
        about = [f"{self.suite.tests(self.output)} tests"] if self.suite.count else []
        about += [f"{count} {why}" for why, count in sorted(self.expected().items())]
        head = f"{'FAIL' if self.unexpected() else 'ok':<7} {self.suite.name} {self.name}"
        failures = [self.trouble if test == suites.WHOLE else test for test in self.unexpected()]
        return [f"{head} ({', '.join([*about, f'{self.seconds:.1f} s'])})", *(f"        {text}" for text in failures)]


def pieces_of(options, suite):
    found = [Piece(suite, name) for name in suite.pieces(images.root(suite))]
    return [piece for piece in found if not options.piece or piece.name in options.piece]


def run_all(server, pieces, options):
    keep = pathlib.Path(options.output) if options.output else None
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        todo = [pool.submit(piece.run, server, not options.outside) for piece in pieces if not piece.why_skipped]
        for done in concurrent.futures.as_completed(todo):
            piece = done.result()
            print("\n".join(piece.lines()), flush=True)
            if keep:
                (keep / f"{piece.suite.name}.{piece.name.replace('/', '-')}").write_text(piece.output)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"only these of {', '.join(suites.names())}")
    parser.add_argument("--piece", action="append", help="only this piece; may be given several times")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="pieces at a time")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the server")
    parser.add_argument("--outside", action="store_true", help="without the jail, in a chroot of the same image")
    parser.add_argument("--output", metavar="DIR", help="keep there what the pieces print")
    return parser.parse_args()


def report(pieces, missing):
    for piece in pieces:
        if piece.why_skipped:
            print(*piece.lines())
    reasons = sum((piece.expected() for piece in pieces), collections.Counter())
    if pieces and reasons:
        print("\nexpected to fail:")
    for why, count in reasons.most_common():
        print(f"{count:>6} {why}: {pieces[0].suite.sentence(why)}")
    counts = collections.Counter(piece.outcome for piece in pieces)
    failed = counts["failed"] + missing
    skipped = f", {counts['skipped']} skipped" if counts["skipped"] else ""
    print(f"{counts['passed']} passed, {failed} failed{skipped}")
    return 1 if failed or not counts["passed"] else 0


def ensure_images(chosen):
    """The suites whose image is there."""
    ready = []
    for suite in chosen:
        fault = images.build(suite)
        print(f"FAIL    {suite.name}: {fault}" if fault else f"{suite.name}: {suite.row['about']}", flush=True)
        ready += [] if fault else [suite]
    return ready


def main():
    options = arguments()
    if os.geteuid() != 0:
        sys.exit("tests/regress needs root: for images, and to run the same without a jail")
    chosen = [suites.Suite(name) for name in options.suites or suites.names()]
    ready = ensure_images(chosen)
    pieces = [piece for suite in ready for piece in pieces_of(options, suite)]
    settings = {**MAXIMA, "image_dir": images.DIRECTORY, "runtime_dir": images.runtimes(),
                **dict(text.split("=", 1) for text in options.set)}
    with Server(settings, start=bool(ready)) as server:
        run_all(server, pieces, options)
    return report(pieces, len(chosen) - len(ready))


if __name__ == "__main__":
    sys.exit(main())
