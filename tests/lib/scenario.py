# SPDX-License-Identifier: Apache-2.0
"""
Finding and running scenario tests.

A test is a public function of a module test_*.py in tests/scenario or tests/dialects; its name is the sentence it proves. A
parameter named `server` gets a server that the module's tests share, with the module's SETTINGS; other
parameters do not exist. Decorators below say what a test needs. ALONE = True in a module: nothing else
may run at the same time; LONG = True: it begins before the others, so that these do not wait for it at the end.
"""

import importlib
import inspect
import os
import sys
import time
import traceback

from lib import paths, server
from lib.server import Server


class Skip(Exception):
    """Raised by a test that cannot run here; the text is the reason."""


def cases(*rows):
    """Runs the test once for each row, given as its arguments behind `server`."""
    def mark(function):
        function.cases = [row if isinstance(row, tuple) else (row,) for row in rows]
        return function
    return mark


def needs_root(function):
    """For what only a server that is root can show."""
    function.needs_root = True
    return function


class Module:
    """One file of tests and the server that its tests share, which is started when first asked for."""

    def __init__(self, path):
        self.name = path.stem.removeprefix("test_")
        self.module = importlib.import_module(path.stem)
        self.server = None

    def tests(self):
        for name, function in list(vars(self.module).items()):
            if name.startswith("_") or not inspect.isfunction(function):
                continue
            if function.__module__ == self.module.__name__:
                yield from self._of(name, function)

    def _of(self, name, function):
        rows = getattr(function, "cases", None)
        for row in [()] if rows is None else rows:
            label = f"{self.name}: {name}" + (f" [{', '.join(map(_short, row))}]" if row else "")
            yield label, function, row

    def run(self, function, row):
        if getattr(function, "needs_root", False) and os.geteuid() != 0:
            raise Skip("needs root")
        wants_server = "server" in inspect.signature(function).parameters
        function(*([self._shared_server()] if wants_server else []), *row)

    def _shared_server(self):
        if self.server and self.server.process.poll() is not None:
            raise AssertionError(f"the shared server has died:\n{self.server.log()[-4000:]}")
        if not self.server:
            self.server = Server(getattr(self.module, "SETTINGS", None))
        return self.server

    def close(self):
        """Ends the shared server; raises what its sanitizers have found."""
        server, self.server = self.server, None
        if server:
            with server:
                pass


def _short(value):
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _run_one(module, label, function, row):
    began = time.monotonic()
    server.made[:] = [module.server] if module.server else []
    try:
        module.run(function, row)
        return label, "passed", "", time.monotonic() - began
    except Skip as e:
        return label, "skipped", str(e), time.monotonic() - began
    except Exception:  # pylint: disable=broad-except
        return label, "failed", _explain(), time.monotonic() - began


def _explain():
    return traceback.format_exc(limit=-6) + "".join(one.last_words() for one in server.made)


def run_file(path, wants, report):
    """Runs one file's tests whose label `wants` is true for, calling report(label, outcome, text, seconds)."""
    sys.path.insert(0, str(path.parent))
    module = Module(path)
    try:
        for label, function, row in module.tests():
            if wants(label):
                report(*_run_one(module, label, function, row))
    finally:
        module.close()


def files(directory="scenario"):
    return sorted((paths.SOURCE / "tests" / directory).glob("test_*.py"))
