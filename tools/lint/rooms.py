#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which room includes which: the table of ARCHITECTURE.md, checked against every #include."""
import pathlib
import re
import sys

ALLOWED = {
    "base": "",
    "event": "base",
    "ipc": "base event",
    "json": "base",
    "confine": "base",
    "schema": "base",
    "config": "base schema",
    "runtime": "base schema",
    "scan": "base schema json",
    "http": "base event ipc/messages.h",
    "unpack": "base ipc sandbox/steps.h",
    "zfork": "base",
    "park": "base ipc unpack zfork sandbox confine",
    "sandbox": "base ipc confine unpack",
    "engine": "base event ipc runtime config",
    "judge": "base engine/job.h",
    "api": "base json runtime config scan judge engine/job.h engine/collected.h ipc/messages.h ipc/payload.h ipc/collect.h ipc/document.h",
    "session": "base ipc",
    "store": "base ipc/messages.h ipc/document.h ipc/documents.def ipc/pack.h",
    "image": "base runtime config schema",
    "door": "base event ipc json http api engine judge session runtime scan config store/key_text.h",
    "courier": "base event ipc",
    "supervise": "base event ipc config role/role.h",
    "cli": "base json config runtime image store ipc http confine engine/result.def",
    "role": "base event ipc json http api engine judge session runtime scan config schema store courier door supervise sandbox confine",
}


def allowed(room, include):
    target = include.split("/")[0]
    return target == room or target in ALLOWED[room].split() or include in ALLOWED[room].split()


def main():
    bad = 0
    for path in sorted(pathlib.Path("src").rglob("*.[ch]")):
        room = path.parts[1]
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = re.match(r'#include "([a-z_0-9]+/[^"]+)"', line)
            if match and not allowed(room, match.group(1)):
                print(f"lint: {path}:{number}: room {room} may not include {match.group(1)}")
                bad += 1
    sys.exit(bad > 0)


main()
