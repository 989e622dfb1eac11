# SPDX-License-Identifier: Apache-2.0
"""
What an interpreter does while it is parked, behind every wall and before anything of a user's is there. Runs in a namespace of
its own. A file before this one may have set `work`, names of modules to import and functions to call, and
`before_start`, functions to call when the run has come, and `after_fork`, functions that draw seeds which siblings
would share (what os.fork() sees to is done before that).

The program shall see what it would see after an exec, but for sys.modules and what hangs on it (docs/runtimes.md).
"""

import atexit
import gc
import os
import sys

at_start = set(sys.modules)
kept = {}
missing = set()
work = iter(globals().get("work", ()))
before_start = globals().get("before_start", [])
after_fork = globals().get("after_fork", [])


class Missing:
    """The last of the finders: hears what was looked for in vain, since a request may bring a module of that name."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if path is None:
            missing.add(name)


def step():
    for task in work:
        sys.meta_path.append(Missing)
        try:
            task() if callable(task) else __import__(task)
        except Exception:
            pass  # not in this image: the program will see it if it imports it
        sys.meta_path.remove(Missing)
        return True
    gc.collect()
    gc.freeze()
    return False


def shadowed():
    """Whether files of the request would have been imported in the place of something that was."""
    names = {name.partition(".")[0] for name in os.listdir()}
    return not names.isdisjoint(missing) or not names.isdisjoint(
        name.partition(".")[0] for name in sys.modules if name not in at_start)


def forked():
    """This is a process of its own from now on, and behind every wall."""
    for function in after_fork:
        function()
    gc.freeze()


def start():
    """The run has come."""
    if shadowed():
        return False
    for function in before_start:
        function()
    kept.update((name, module) for name, module in sys.modules.items() if name not in at_start)
    gc.freeze()  # what is here now need not be looked at again, least of all at exit
    return True


class Shell:
    """Stands for a module, as far as an import statement can tell."""

    __slots__ = ("module",)

    def __init__(self, module):
        self.module = module

    def __getattr__(self, name):
        return getattr(self.module, name)


class Flush:
    """Goes away with sys, after all of the program has: what that has printed last is still in the streams."""

    def __init__(self, *streams):
        self.streams = streams

    def __del__(self):
        for stream in self.streams:
            try:
                stream.flush()
            except Exception:
                pass


def leave():
    """
    Called last at exit. Finalisation takes modules apart, to the last name in each; those that have been here before
    the program are spared that. Objects of the program that die meanwhile may import them all the same. And if one of
    these modules holds on to a stream, nobody else would flush it when it goes away.
    """
    if kept:
        sys.flush = Flush(sys.__stdout__, sys.__stderr__)
    for name, module in kept.items():
        if sys.modules.get(name) is module:
            sys.modules[name] = Shell(module)


atexit.register(leave)
