# SPDX-License-Identifier: Apache-2.0
"""A hostile program: its text and what the comment block at its head says about it.

The block is data for the runner. One `key: value` a line:

    attack     what it tries, with its numbers (T1...) in THREATS.md
    promise    the promises of THREATS.md that it attacks
    request    JSON that is merged into the request: args, env, limits, stdin, files
    contained  statuses with which it counts as contained, default ok
    exit_code, signal, see   what the answer must hold besides (see: a regular expression over stdout)
    answer     bounds of the answer: wall_at_most_ms=, stdout_at_most=, ... (see judge.py)
    without    WALLS -> pattern: with just these walls removed it says ESCAPED and the pattern; where they
               are several, it is still contained when only one of them is removed
    relax      JSON merged into the request: with this limit lifted it gets through, which shows
               that it was the limit that held it; `relaxed` names the status then expected
    plant      yes: run with the argument "plant" it makes the leak it looks for, and must find it
    host       process NAME: on the host no process of this name may be left after the run
    distinct   a regular expression: in runs at the same time its groups all differ
    after      another program of the folder that is run first
    beside     yes: another run sleeps meanwhile, as a victim
    alone_needs  a feature without which one removed wall of several is too many already
    held       what holds it, where that is not a wall that a build can leave out
    needs      a feature of the host's kernel without which removing the wall proves nothing
"""
import itertools
import json
import os
import re

NUMBERS = itertools.count()
HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "programs")
KEYS = {"attack", "promise", "request", "contained", "exit_code", "signal", "see", "answer", "without", "relax",
        "relaxed", "plant", "host", "distinct", "after", "needs", "beside", "held",
        "alone_needs"}
LANGUAGES = {".c": "c", ".py": "python", ".sh": "bash"}


class Without:
    """A set of walls whose removal lets the program through, and what it then says."""

    def __init__(self, text):
        walls, _, pattern = text.partition(" -> ")
        self.walls = frozenset(wall.strip() for wall in walls.split(","))
        self.pattern = pattern.strip()


class Program:
    def __init__(self, path):
        self.path = path
        self.name = os.path.relpath(path, FOLDER)
        self.language = LANGUAGES[os.path.splitext(path)[1]]
        with open(path, encoding="utf-8") as file:
            self.text = file.read()
        head = self._head()
        self.attack = head["attack"][0]
        self.promises = [int(number) for number in head["promise"][0].split()]
        self.request = json.loads(head.get("request", ["{}"])[0])
        self.contained = head.get("contained", ["ok"])[0].split("|")
        self.exit_code = int(head["exit_code"][0]) if "exit_code" in head else None
        self.signal = head.get("signal", [None])[0]
        self.see = head.get("see", [None])[0]
        self.answer = dict(item.partition("=")[::2] for item in head.get("answer", [""])[0].split())
        self.without = [Without(text) for text in head.get("without", [])]
        self.relax = json.loads(head["relax"][0]) if "relax" in head else None
        self.relaxed = head.get("relaxed", [None])[0]
        self.plant = head.get("plant", ["no"])[0] == "yes"
        self.host = head.get("host", [None])[0]
        self.distinct = head.get("distinct", [None])[0]
        self.after = head.get("after", [None])[0]
        self.alone_needs = head.get("alone_needs", [None])[0]
        self.held = head.get("held", [None])[0]
        self.needs = head.get("needs", [None])[0]
        self.beside = "beside" in head

    def _head(self):
        head = {}
        for line in self.text.splitlines():
            stripped = line.lstrip("/*# ").rstrip()
            if not line.startswith((" *", "/*", "#")):
                break
            key, colon, value = stripped.partition(": ")
            if not colon or key == "SPDX-License-Identifier":
                continue
            if key not in KEYS:
                raise ValueError("%s: unknown key %r in the head" % (self.name, key))
            head.setdefault(key, []).append(value)
        missing = {"attack", "promise"} - head.keys()
        if missing:
            raise ValueError("%s: no %s in the head" % (self.name, ", ".join(sorted(missing))))
        return head

    @property
    def is_timed(self):
        """Whether others running beside it would disturb what it measures."""
        return "wall_at_most_ms" in self.answer or "cpu_timeout" in self.contained

    @property
    def is_proven(self):
        return bool(self.without or self.relax is not None or self.plant or self.host or self.distinct)

    def partial_walls(self):
        """Single walls of its sets that it does not need: with one of them gone it must still be contained."""
        needed = {rule.walls for rule in self.without}
        singles = {frozenset({wall}) for rule in self.without for wall in rule.walls if len(rule.walls) > 1}
        return singles - needed

    def build_request(self, env, replace, extra=None, args=None):
        """The body of POST /v1/execute. env and replace are what the runner hands to every program."""
        merged = merge(self.request, extra or {})
        text = self.text
        for old, new in list(merged.pop("substitute", {}).items()) + list(replace.items()):
            text = text.replace(old, new)
        # A name of its own each time: where a wall is removed, a run may meet the files of an earlier one.
        stem, suffix = os.path.splitext(os.path.basename(self.path))
        main = "%s-%d%s" % (stem, next(NUMBERS), suffix)
        files = [{"name": main, "content": text.replace('"../escape.h"', '"escape.h"')}]
        if self.language == "c":
            with open(os.path.join(FOLDER, "escape.h"), encoding="utf-8") as file:
                files.append({"name": "escape.h", "content": file.read()})
        body = {"language": self.language, "files": files + merged.pop("files", []), "entrypoint": main,
                "env": {**env, **merged.pop("env", {})}}
        body.update(merged)
        if args is not None:
            body["args"] = args
        return body


def merge(base, extra):
    """extra over base; objects are merged, everything else is replaced."""
    out = dict(base)
    for key, value in extra.items():
        both = isinstance(value, dict) and isinstance(out.get(key), dict)
        out[key] = merge(out[key], value) if both else value
    return out


def load_programs():
    programs = []
    for top, _, names in sorted(os.walk(FOLDER)):
        for name in sorted(names):
            if os.path.splitext(name)[1] in LANGUAGES:
                programs.append(Program(os.path.join(top, name)))
    return programs


def threats_numbers(program):
    return re.findall(r"\bT\d+\b", program.attack)
