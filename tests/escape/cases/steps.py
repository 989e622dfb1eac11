# SPDX-License-Identifier: Apache-2.0
"""Fault injection: every step of src/sandbox/steps.def is made to fail, and no run may start without it."""
import re

from cases import case
from judge import excerpt, need
from lib import paths

REFUSED = {"jail_failed", "wall_missing", "unavailable"}


def all_steps():
    """The names of every row of steps.def, in order."""
    text = (paths.SOURCE / "src" / "sandbox" / "steps.def").read_text()
    return re.findall(r"^(?:X|LATE)\((\w+),", text, re.M)


def language_of(name):
    """A program that goes through the step."""
    return "c" if name in ("COMPILE", "ARTEFACT") else "python"


@case("steps each one that fails stops the run and is named", "T48", 7, own_server=True)
def each_step(context):
    programs = {"python": "print('STARTED', flush=True)",
                "c": "#include <stdio.h>\nint main(void){puts(\"STARTED\");return 0;}\n"}
    wrong, steps = [], all_steps()
    for name in steps:
        language = language_of(name)
        with context.start(step_fail=name) as server:
            answer = server.submit({"language": language, "code": programs[language], "limits": {"wall_time_ms": 5000}})
            text = answer.body.decode("utf-8", "replace")
            if "STARTED" in text:
                wrong.append("%s: the code ran" % name)
            elif answer.status not in (500, 503) or answer.error_code not in REFUSED:
                wrong.append("%s: %s" % (name, excerpt(answer)))
            elif name.lower() not in text.lower():
                wrong.append("%s is not named: %s" % (name, text[:300]))
    need(not wrong, "%d of %d steps: %s", len(wrong), len(steps), " / ".join(wrong))
    return "%d steps, each refuses the run by name" % len(steps)
