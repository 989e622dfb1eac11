# SPDX-License-Identifier: Apache-2.0
"""One line a case, as it ends; the sum at the end; the same as JSON."""
import json
import threading
import time

from cases import Skip
from judge import Problem


class Report:
    def __init__(self, only, verbose):
        self.only, self.verbose = only, verbose
        self.rows, self.lock = [], threading.Lock()

    def wants(self, name):
        return self.only is None or self.only.search(name) is not None

    def run(self, name, function, *args):
        """Runs one case if it is wanted; what it returns is what it saw, Problem and AssertionError are failures."""
        if not self.wants(name):
            return
        began = time.monotonic()
        try:
            outcome, text = "passed", function(*args)
        except Skip as reason:
            outcome, text = "skipped", str(reason)
        except (Problem, AssertionError) as problem:
            outcome, text = "failed", str(problem)
        except Exception as error:  # a case that breaks is a case that failed
            outcome, text = "failed", "%s: %s" % (type(error).__name__, error)
        self.add(name, outcome, text, time.monotonic() - began)

    def add(self, name, outcome, text, seconds=0.0):
        text = " ".join(str(text or "").split())
        with self.lock:
            self.rows.append({"name": name, "outcome": outcome, "text": text, "seconds": round(seconds, 3)})
            word = {"passed": "ok  ", "failed": "FAIL", "skipped": "skip"}[outcome]
            print("%s %s: %s" % (word, name, text if self.verbose or outcome != "passed" else text[:100]), flush=True)

    def count(self, outcome):
        return sum(row["outcome"] == outcome for row in self.rows)

    def close(self, json_path):
        for row in self.rows:
            if row["outcome"] == "failed":
                print("FAILED %s: %s" % (row["name"], row["text"][:600]))
        line = "%d passed, %d failed" % (self.count("passed"), self.count("failed"))
        if self.count("skipped"):
            line += ", %d skipped" % self.count("skipped")
        if json_path:
            with open(json_path, "w") as file:
                json.dump({"cases": self.rows, "summary": line}, file, indent=1)
        print(line)
        return 1 if self.count("failed") or not self.count("passed") else 0
