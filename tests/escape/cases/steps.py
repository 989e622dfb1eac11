# SPDX-License-Identifier: Apache-2.0
"""Fault injection: every step of src/sandbox/steps.def is made to fail, and no run may start without it."""
import re

from cases import case
from judge import excerpt, need
from lib import paths

REFUSED = {"jail_failed", "wall_missing", "unavailable"}
HELLO = "print('STARTED', flush=True)"


def recipe_steps():
    """
    The names of steps.def that every run's jail goes through, in order. Of a zygote's child a step that fails costs
    the zygote (scenario warm_zygote), of the collector the files that come back (unit sandbox faults).
    """
    text = (paths.SOURCE / "src" / "sandbox" / "steps.def").read_text()
    rows = re.findall(r"^X\((\w+),\s*\w+,\s*([\w |]+),", text, re.M)
    return [name for name, phases in rows if {"JAIL", "LAUNCHER", "PID1"} & set(phases.split(" | "))]


@case("steps each one that fails stops the run and is named", "T48", 7, own_server=True)
def each_step(context):
    wrong, steps = [], recipe_steps()
    for name in steps:
        with context.start(step_fail=name) as server:
            answer = server.run_python(HELLO, limits={"wall_time_ms": 5000})
            text = answer.body.decode("utf-8", "replace")
            if "STARTED" in text:
                wrong.append("%s: the code ran" % name)
            elif answer.status not in (500, 503) or answer.error_code not in REFUSED:
                wrong.append("%s: %s" % (name, excerpt(answer)))
            elif name.lower() not in text.lower():
                wrong.append("%s is not named: %s" % (name, answer.json["error"].get("message")))
    need(not wrong, "%d of %d steps: %s", len(wrong), len(steps), " / ".join(wrong))
    return "%d steps, each refuses the run by name" % len(steps)


@case("steps behind the walls that fail leave the program unstarted, with the reason", "T48", 7)
def late_steps(context):
    file = {"name": "main", "content": "STARTED"}
    rows = {
        "UNPACK": {"language": "python", "code": HELLO + "#" * 200000, "limits": {"disk_bytes": 65536}},
        "EXEC format": {"language": "binary", "files": [{**file, "content": "\x7fELF STARTED"}]},
        "EXEC interpreter": {"language": "binary", "files": [{**file, "content": "#!/no/such/interpreter STARTED\n"}]},
    }
    for name, body in rows.items():
        answer = context.server.submit(body)
        need(answer.status == 200, "%s: %s", name, excerpt(answer))
        need(answer.json["started"] is False and answer.json["status"] != "ok", "%s: %s", name, excerpt(answer))
        need(answer.json.get("message") and "STARTED" not in answer.json["stdout"], "%s: %s", name, excerpt(answer))
    return ", ".join(rows)
