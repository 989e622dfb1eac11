# SPDX-License-Identifier: Apache-2.0
"""THREATS.md has tables of attacks, walls and tests between two marks: written by --write-docs, and checked."""
import re

from cases import load_cases
from judge import need
from lib import paths
from program import load_programs

BEGIN, END = "<!-- attacks: written by tests/escape/run.py --write-docs -->", "<!-- end of attacks -->"
GROUPS = {
    "a_paths": "A. Names of files", "b_commands": "B. Command lines", "c_compile": "C. The compiler",
    "d_leftovers": "D. What stays behind", "e_limits": "E. Limits", "f_kernel": "F. The kernel's surface",
    "h_forgery": "H. Forgery", "i_network": "I. The network",
}


def held_by(program):
    """The walls that hold a program, a set of them joined by +, and what else does."""
    parts = [" + ".join(sorted(rule.walls)) for rule in program.without]
    if program.held:
        parts.append(program.held)
    return "; ".join(parts)


def table():
    lines, group = [], None
    for program in load_programs():
        folder, _, name = program.name.partition("/")
        if folder != group:
            group = folder
            lines += ["", "### " + GROUPS[folder], "", "| attack | promise | held by | test |", "|---|---|---|---|"]
        lines.append("| %s | %s | %s | `%s` |" % (program.attack.replace("|", "\\|"), " ".join(map(str, program.promises)),
                                             held_by(program), program.name))
    lines += ["", "### J, K and the server itself", "", "| attack | promise | test |", "|---|---|---|"]
    for case in load_cases():
        lines.append("| %s | %d | `%s` |" % (case.attack, case.promise, case.case_name))
    return "\n".join(lines).strip() + "\n"


def write():
    path = paths.SOURCE / "THREATS.md"
    text = path.read_text(encoding="utf-8")
    begin, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    path.write_text("%s\n%s%s" % (text[:begin], table(), text[end:]), encoding="utf-8")
    return 0


def check():
    text = (paths.SOURCE / "THREATS.md").read_text(encoding="utf-8")
    missing = [program.name for program in load_programs() if program.name not in text]
    missing += [case.case_name for case in load_cases() if case.case_name not in text]
    need(not missing, "not in THREATS.md: %s", ", ".join(missing))
    stale = sorted(set(re.findall(r"`(\w+/\w+\.(?:c|py|sh))`", text)) - {program.name for program in load_programs()}
                   - _real_files())
    need(not stale, "in THREATS.md but not there: %s", ", ".join(stale))
    begin, end = text.find(BEGIN), text.find(END)
    need(0 <= begin < end, "THREATS.md has no marks for the table")
    need(text[begin + len(BEGIN):end].strip() == table().strip(), "the table is out of date; write it anew with --write-docs")
    return "%d programs and %d cases" % (len(load_programs()), len(load_cases()))


def _real_files():
    """Names in the text that are files of the tree and no programs."""
    return {str(path.relative_to(paths.SOURCE)) for path in (paths.SOURCE / "tests").glob("*/*.py")}


def main():
    try:
        print(check())
        return 0
    except Exception as problem:
        print(problem)
        return 1
