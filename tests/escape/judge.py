# SPDX-License-Identifier: Apache-2.0
"""Whether an answer shows a contained program or one that got through. Silence is never taken for either."""
import base64
import re

from lib.client import wait_until

# Statuses with which the server says itself that it ended the program: then no CONTAINED line can be asked for.
ENDED = {"wall_timeout", "cpu_timeout", "memory_limit", "output_limit", "disk_limit", "process_limit", "compile_error",
         "compile_timeout"}


class Problem(Exception):
    """Why a case failed, in one line."""


def need(condition, text, *args):
    if not condition:
        raise Problem(text % args if args else text)


def until(condition, within, text, *args):
    """Waits for a condition, or raises Problem with the text."""
    try:
        return wait_until(condition, within)
    except AssertionError:
        raise Problem(text % args if args else text) from None


def stream(answer, name="stdout"):
    text = answer.json.get(name) or ""
    return base64.b64decode(text) if answer.is_base64 else text.encode("utf-8", "surrogatepass")


def came_back(answer):
    """What is in the files of a run, which may say as much as its output."""
    return b"".join(b"\n" + base64.b64decode(file["content"]) for file in answer.json.get("artifacts") or [])


def lines(answer, word):
    text = (stream(answer) + came_back(answer)).decode("utf-8", "replace")
    return [line for line in text.splitlines() if line.startswith(word + " ")]


def excerpt(answer):
    if answer.json is None:
        return "HTTP %d %r" % (answer.status, answer.body[:200])
    if answer.status != 200:
        return "HTTP %d %s" % (answer.status, answer.body[:300].decode("utf-8", "replace"))
    compiled = answer.json.get("compile") or {}
    return "status %s exit_code %s signal %s stdout %r stderr %r %r" % (
        answer.json.get("status"), answer.json.get("exit_code"), answer.json.get("signal"),
        stream(answer)[-300:], stream(answer, "stderr")[-300:], (compiled.get("stderr") or "")[-300:])


def check_contained(program, answer):
    """Raises Problem unless the answer is what the program's head asks for."""
    if answer.status == 400 and "request_error" in program.contained:
        return "refused with 400: %s" % answer.error_code
    need(answer.status == 200, "no result: %s", excerpt(answer))
    status = answer.json["status"]
    escapes = lines(answer, "ESCAPED")
    need(not escapes, "%s", "; ".join(escapes))
    need(status in program.contained, "status is %s, not %s: %s", status, "|".join(program.contained), excerpt(answer))
    if status not in ENDED and not (status == "signal" and program.see):
        need(lines(answer, "CONTAINED"), "no CONTAINED line: %s", excerpt(answer))
    if program.see:
        need(re.search(program.see.encode(), stream(answer)), "stdout has no %r: %s", program.see, excerpt(answer))
    if program.exit_code is not None:
        need(answer.json["exit_code"] == program.exit_code, "exit code is not %d: %s", program.exit_code, excerpt(answer))
    if program.signal and status == "signal":
        need(answer.json["signal"] == program.signal, "signal is not %s: %s", program.signal, excerpt(answer))
    for name, value in program.answer.items():
        BOUNDS[name](answer, value)
    said = lines(answer, "CONTAINED")
    return said[-1] if said else "ended with " + status


def check_escaped(program, answer, pattern=""):
    """Raises Problem unless the program says that it got through."""
    need(answer.status == 200, "no result: %s", excerpt(answer))
    escapes = lines(answer, "ESCAPED")
    need(escapes, "still contained, so that the wall proves nothing: %s", excerpt(answer))
    need(any(re.search(pattern, line) for line in escapes), "no ESCAPED line has %r: %s", pattern, "; ".join(escapes))
    return escapes[0]


def check_relaxed(program, answer):
    """With its limit lifted the program gets through, or ends with the status that the head names."""
    if program.relaxed is None:
        return check_escaped(program, answer)
    need(answer.status == 200, "no result: %s", excerpt(answer))
    need(answer.json["status"] in program.relaxed.split("|"), "status is not %s: %s", program.relaxed, excerpt(answer))
    return "status " + answer.json["status"]


def _at_most(name):
    def check(answer, value):
        size = len(stream(answer, name))
        need(size <= int(value), "%s has %d bytes, more than %s", name, size, value)
    return check


def _exactly(answer, value):
    need(len(stream(answer)) == int(value), "stdout has %d bytes, not %s", len(stream(answer)), value)


def _all_bytes(answer, _):
    need(bytes(range(256)) in stream(answer), "not every byte arrived: %s", excerpt(answer))


def _wall(answer, value):
    need(answer.took_ms <= float(value), "the answer took %.0f ms, more than %s", answer.took_ms, value)


def _compile_output(answer, value):
    compiled = answer.json.get("compile") or {}
    size = max(len((compiled.get(name) or "").encode()) for name in ("stdout", "stderr"))
    need(size <= int(value), "the compiler's output has %d bytes, more than %s", size, value)


BOUNDS = {
    "wall_at_most_ms": _wall, "stdout_at_most": _at_most("stdout"), "stderr_at_most": _at_most("stderr"),
    "stdout_exactly": _exactly, "stdout_has_all_bytes": _all_bytes, "compile_at_most": _compile_output,
}
