# SPDX-License-Identifier: Apache-2.0
"""Reads the hello and the commands of a runtime's manifest: enough YAML for block texts and flow lists."""

import re

from lib import paths


def _block(lines, at):
    """The text of a literal block whose header line is lines[at]."""
    indent = len(lines[at + 1]) - len(lines[at + 1].lstrip(" "))
    text = []
    for line in lines[at + 1:]:
        if line.strip() and len(line) - len(line.lstrip(" ")) < indent:
            break
        text.append(line[indent:])
    return "\n".join(text).rstrip("\n") + "\n"


def _text_of(language):
    return (paths.SOURCE / "runtimes" / language / "runtime.yaml").read_text()


def languages():
    return sorted(path.parent.name for path in (paths.SOURCE / "runtimes").glob("*/runtime.yaml"))


def scalar_of(language, key):
    """The value of a top-level key, or None."""
    found = re.search(rf"^{key}: *(.+)$", _text_of(language), re.MULTILINE)
    return found and found[1].strip("\"'")


def command_of(language, key):
    """The elements of `compile` or `run`, those of the first version if versions differ; [] without one."""
    found = re.search(rf"^ *(?:- )?{key}: \[(.*?)\]$", _text_of(language), re.MULTILINE | re.DOTALL)
    return [a or b or c for a, b, c in re.findall(r""" *(?:"([^"]*)"|'([^']*)'|([^,\s][^,]*))\s*(?:,|$)""", found[1])] if found else []


def hello_of(language):
    lines = _text_of(language).splitlines()
    top = lines.index("hello:")
    return {key: _block(lines, next(i for i in range(top, len(lines)) if lines[i].strip() == f"{key}: |"))
            for key in ("code", "output")}
