# SPDX-License-Identifier: Apache-2.0
"""Reads the hello of a runtime's manifest: enough YAML for its two block texts."""

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


def hello_of(language):
    lines = (paths.SOURCE / "runtimes" / language / "runtime.yaml").read_text().splitlines()
    top = lines.index("hello:")
    return {key: _block(lines, next(i for i in range(top, len(lines)) if lines[i].strip() == f"{key}: |"))
            for key in ("code", "output")}
