# SPDX-License-Identifier: Apache-2.0
"""
What an interpreter does while it is parked, behind every wall and before anything of a user's is there (HACKING.md,
"Warm starts"). Runs in a namespace of its own. `work` may have been set by a file before this one: names of modules to
import, and functions.

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


def start():
    """The run has come."""
    if shadowed():
        return False
    if "logging" in sys.modules:
        restart_clock(sys.modules["logging"])
    kept.update(sys.modules)
    gc.freeze()  # what is here now need not be looked at again, least of all at exit
    return True


def restart_clock(logging):
    """LogRecord.relativeCreated counts from the import of logging."""
    import time

    logging._startTime = time.time_ns() if isinstance(logging._startTime, int) else time.time()


def leave():
    """
    Called last at exit. Finalisation takes every module apart, to the last name in it; those that have been here
    before the program, and are for nobody's eyes any more, are spared that.
    """
    for name, module in kept.items():
        if name not in at_start and sys.modules.get(name) is module:
            del sys.modules[name]


atexit.register(leave)
