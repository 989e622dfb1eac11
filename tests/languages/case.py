# SPDX-License-Identifier: Apache-2.0
"""Cases of a language: read from its folder, made into requests, compared with answers."""

import base64
import pathlib
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
KEYS = {"about", "program", "request", "stdin_repeat", "stdout_repeat", "stdout", "stdout_base64", "stdout_has",
        "stderr_has", "compile_stderr_has", "status", "exit_code", "signal", "any_end", "skip", "of"}


class Case:
    """One program of one language with its expectation: the common one, changed by the language's own."""

    def __init__(self, folders, name, common, own, provider=None):
        own = {**own, **own.get("of", {}).get(provider, {})}
        self.folders, self.name = folders, name  # where to look for the program, the language's own folder first
        self.row = {**common, **own}
        if own.keys() & {"stdout", "stdout_has", "stdout_repeat", "stdout_base64"}:
            self.row = {k: v for k, v in self.row.items() if not k.startswith("stdout") or k in own}
        self.row["request"] = {**common.get("request", {}), **own.get("request", {})}
        unknown = self.row.keys() - KEYS
        if unknown:
            raise ValueError(f"{folders[0].name}/{name}: unknown key {', '.join(unknown)}")

    @property
    def skip(self):
        return self.row.get("skip")

    def program(self):
        """The path of the program: a file or a directory, None if there is none."""
        name = self.row.get("program", self.name)
        for folder in self.folders:
            found = [p for p in folder.iterdir() if p.name.partition(".")[0] == name and p.suffix != ".toml"]
            if len(found) > 1:
                raise ValueError(f"{folder.name}/{name}: more than one program")
            if found:
                return found[0]
        return None

    def request(self):
        """Fields of POST /v1/execute beside language and version."""
        fields = dict(self.row["request"])
        if "stdin_repeat" in self.row:
            text, times = self.row["stdin_repeat"]
            fields["stdin"] = text * times
        return {**_program_fields(self.program()), **fields}

    def faults(self, result):
        """What is not as it must be, a line for each; none if the case is passed."""
        return [line for line in (*self._state_faults(result), *self._stdout_faults(result),
                                  *self._text_faults(result)) if line]

    def _state_faults(self, result):
        status = self.row.get("status", "ok")
        started = not status.startswith("compile")
        signal = self.row.get("signal") or None if started else None
        code = None if signal or not started else self.row.get("exit_code", 0)
        yield _differs("status", status, result["status"])
        if result["status"] != status:
            yield f"stderr is {_short(result.get('compile', {}).get('stderr') or result['stderr'])}"
        if not self.row.get("any_end"):
            yield _differs("exit_code", code, result["exit_code"])
            yield _differs("signal", signal, result["signal"])

    def _stdout_faults(self, result):
        row, out = self.row, result["stdout"]
        if "stdout_repeat" in row:
            yield _differs("stdout", row["stdout_repeat"][0] * row["stdout_repeat"][1], out)
        if "stdout" in row:
            yield _differs("stdout", row["stdout"], out)
        if "stdout_base64" in row:
            yield _differs("stdout", base64.b64decode(row["stdout_base64"]), base64.b64decode(out))

    def _text_faults(self, result):
        compiler = result.get("compile", {}).get("stderr", "")
        for key, text in (("stdout", result["stdout"]), ("stderr", result["stderr"]), ("compile_stderr", compiler)):
            for part in self.row.get(f"{key}_has", []):
                if part not in text:
                    yield f"{key} has no {part!r}: {_short(text)}"


def _short(value):
    text = repr(value)
    return text if len(text) < 400 else f"{text[:280]} … {text[-100:]}"


def _differs(what, expected, found):
    return None if expected == found else f"{what} is {_short(found)}, not {_short(expected)}"


def _content(path):
    data = path.read_bytes()
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"content": base64.b64encode(data).decode(), "encoding": "base64"}


def _program_fields(path):
    if path.is_dir():
        return {"files": {str(p.relative_to(path)): _content(p) for p in sorted(path.rglob("*")) if p.is_file()}}
    return {"code": path.read_text(encoding="utf-8")}


def _read(path):
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def languages():
    """Names of the languages that there are cases for."""
    return sorted(p.name for p in HERE.iterdir() if p.is_dir() and p.name != "__pycache__")


def common_names():
    return list(_read(HERE / "cases.toml"))


def cases_of(language, provider=None):
    """The cases of a language, as one of its providers has them: the common ones, in their order, then its own."""
    folder, common = HERE / language, _read(HERE / "cases.toml")
    own = _read(folder / "cases.toml")
    partial, lender = own.pop("partial", False), own.pop("programs_of", None)
    folders = [folder, HERE / lender] if lender else [folder]
    names = [*common, *(name for name in own if name not in common)]
    cases = [Case(folders, name, common.get(name, {}), own.get(name, {}), provider) for name in names]
    return [case for case in cases if not partial or case.skip or case.program()]
