# SPDX-License-Identifier: Apache-2.0
"""
A suite: a folder with its image's manifest (runtime.yaml), the program that runs one piece of it (piece.sh) and
suite.toml, which says what the pieces are and how to read what they print:

  about    what it is
  source   the Debian source package that its tests are taken from, if they are in no binary package, and which of
           its files; the image's `prepare` finds them as /opt/sandglass/<suite>/source.tar
  pieces   names; or patterns of files in the image, relative to its root, of which each one's stem is a piece
  failed   a line of the output that names a failed test, in the last group that has matched
  count    a line that tells how many tests were run
  skip     pieces that are not run, with the reason
  limits   of a request, where they have to be others than of every suite
"""

import fnmatch
import pathlib
import re
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
KEYS = {"about", "source", "pieces", "failed", "count", "skip", "limits"}
LIMITS = {"wall_time_ms": 1_800_000, "cpu_time_ms": 1_800_000, "memory_bytes": 4 << 30, "disk_bytes": 3 << 30,
          "processes": 512, "open_files": 4096, "output_bytes": 64 << 20, "cpu_milli": 2000}
OUTSIDE = {"outside": "fails without a jail too"}
WHOLE = "*"  # the name that a piece fails by when no test of it does, but it as a whole


def names():
    return sorted(path.parent.name for path in HERE.glob("*/suite.toml"))


def _read(path):
    return tomllib.loads(path.read_text(encoding="utf-8"))


class Suite:
    def __init__(self, name):
        self.name, self.folder = name, HERE / name
        self.row = _read(self.folder / "suite.toml")
        if unknown := self.row.keys() - KEYS:
            raise ValueError(f"{name}: unknown key {', '.join(unknown)}")
        known = _read(HERE / "known.toml")
        self.reasons, self.known = {**known["why"], **OUTSIDE}, known.get(name, {})
        self.failed = re.compile(self.row["failed"], re.MULTILINE)
        self.count = re.compile(self.row["count"], re.MULTILINE) if "count" in self.row else None

    @property
    def source(self):
        """(package, parts), None if the image needs none."""
        row = self.row.get("source")
        return row and (row["package"], row["parts"])

    @property
    def program(self):
        return (self.folder / "piece.sh").read_text(encoding="utf-8")

    @property
    def limits(self):
        return {**LIMITS, **self.row.get("limits", {})}

    def skipped(self):
        """{piece: why}"""
        return self.row.get("skip", {})

    def pieces(self, root):
        """Names of the pieces that the image in root has, those that are skipped too."""
        found = []
        for text in self.row["pieces"]:
            found += sorted({p.stem for p in root.glob(text)}) if "*" in text else [text]
        return found

    def failures(self, output):
        """Names of the tests that have failed."""
        return sorted({next(g for g in reversed(match.groups()) if g) for match in self.failed.finditer(output)})

    def tests(self, output):
        """How many were run, 0 if the output does not tell."""
        return sum(int(number.replace(",", "")) for number in self.count.findall(output)) if self.count else 0

    def reason(self, piece, test):
        """Why this failure is expected, None if it is not."""
        for pattern, why in self.known.get(piece, {}).items():
            if fnmatch.fnmatchcase(test, pattern):
                return why
        return None

    def sentence(self, why):
        """The reason in words."""
        return self.reasons[why]
