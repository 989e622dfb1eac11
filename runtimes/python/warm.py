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
names_there = set()  # of modules at the top, which a file of the request would have come before
spared = {}
missing = set()
work = iter(globals().get("work", ()))
before_start = globals().get("before_start", [])
after_fork = globals().get("after_fork", [])
finish = globals()["finish"]  # src/park/python.c
collections = []  # of garbage, of each generation, before the program


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
    note()
    gc.collect()
    gc.freeze()
    return False


class Shell:
    """Stands for a module, as far as an import statement can tell."""

    __slots__ = ("module",)

    def __init__(self, module):
        self.module = module

    def __getattr__(self, name):
        return getattr(self.module, name)


def note():
    """What is here now was not the program's."""
    names_there.update(name.partition(".")[0] for name in sys.modules if name not in at_start)
    for name, module in sys.modules.items():
        if name not in ("sys", "builtins", "__main__"):
            spared[name] = (module, Shell(module), len(vars(module)))


def shadowed():
    """Whether files of the request would have been imported in the place of something that was."""
    names = {name.partition(".")[0] for name in os.listdir()}
    return not names.isdisjoint(missing) or not names.isdisjoint(names_there)


def forked():
    """This is a process of its own from now on, and behind every wall."""
    for function in after_fork:
        function()
    gc.freeze()


def start():
    """The run has come."""
    if not spared:
        note()
    if shadowed():
        return False
    for function in before_start:
        function()
    gc.freeze()  # what is here now need not be looked at again, least of all at exit
    collections[:] = collected()
    return True


def collected():
    return [generation["collections"] for generation in gc.get_stats()]


# Nobody sees these go away, but for what they hold: that is looked at as well, or it is numbers and text.
PLAIN = {dict, list, tuple, set, frozenset, type(collected), type(len), type((lambda x: lambda: x)(0).__closure__[0])}
FEW = 700


def plain():
    """
    Whether all that the program leaves behind is so plain that nobody sees it finalised. No object of a class of its own is,
    nor a class, a file, a generator, or a module that was not there. Looked at only if there are few objects.
    """
    if gc.get_count()[0] > FEW or collected() != collections:
        return False
    main = sys.modules.get("__main__")
    loader = getattr(main, "__loader__", None)
    return all(type(thing) in PLAIN or thing is main or thing is loader for thing in gc.get_objects())


def flushed():
    """Whether nothing is left in the streams, and they are those that the interpreter began with: it looks at them next."""
    try:
        for stream, first in (sys.stdout, sys.__stdout__), (sys.stderr, sys.__stderr__):
            if stream is not first:
                return False
            stream.flush()
    except Exception:
        return False  # the interpreter meets the same, and its exit code is to tell
    return True


class Last:
    """Goes away with sys, after all of the program has: what that has printed last is still in the streams."""

    def __init__(self, may_finish, *streams):
        self.may_finish = may_finish
        self.streams = streams

    def __del__(self):
        for stream in self.streams:
            try:
                stream.flush()
            except Exception:
                self.may_finish = False
        if self.may_finish:
            finish()


def leave():
    """
    Called last at exit. Finalisation takes modules apart, to the last name in each. Those that have been here before the
    program are spared that, if it has put nothing into them. Objects of the program that die meanwhile may import them all
    the same. Then it takes the interpreter itself apart, of which nobody sees anything: finish() leaves that to the kernel.
    """
    may_finish = flushed()
    if may_finish and plain():
        finish()
    sys.last = Last(may_finish, sys.__stdout__, sys.__stderr__)
    for name, (module, shell, size) in spared.items():
        if sys.modules.get(name) is module and len(vars(module)) == size:
            sys.modules[name] = shell


atexit.register(leave)
