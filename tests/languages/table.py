# SPDX-License-Identifier: Apache-2.0
"""Results as a table, language by case: for terminals, and as Markdown for the README."""

MARKS = {"passed": "✓", "failed": "✗", "skipped": "–", None: " "}


def _columns(results):
    return list(dict.fromkeys(target for target, _ in results))


def _count(results, target, outcome):
    return sum(1 for (t, _), o in results.items() if t == target and o == outcome)


def text(results, names):
    """A row for each language: a mark for each of the named cases, then how many of all were passed."""
    width = max(len(target) for target in _columns(results))
    lines = [f"{i:>2} {name}" for i, name in enumerate(names, 1)]
    lines.append(" " * width + "  " + " ".join(f"{i:>2}" for i in range(1, len(names) + 1)))
    for target in _columns(results):
        marks = " ".join(f"{MARKS[results.get((target, name))]:>2}" for name in names)
        lines.append(f"{target:<{width}}  {marks}  {_ratio(results, target)}")
    return "\n".join(lines)


def _ratio(results, target):
    passed, failed = _count(results, target, "passed"), _count(results, target, "failed")
    return f"{passed}/{passed + failed}"


def _notes(results, target):
    return ", ".join(name for (t, name), outcome in results.items() if t == target and outcome == "skipped") or "none"


def markdown(results):
    """A row for each language: how many cases it passes and which it cannot have."""
    lines = ["| language | cases passed | not applicable |", "|---|---|---|"]
    lines += [f"| {t} | {_ratio(results, t)} | {_notes(results, t)} |" for t in _columns(results)]
    return "\n".join(lines)
