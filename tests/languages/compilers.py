#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
The compile stages that do a plain toolchain's work sooner, beside that toolchain: for each program below, and each
program of the conformance suite in these languages, with the flags given, what the compiler says, its exit code, what
the program is linked with and what it prints must be the same. Both are run in the image itself, without a server.
Stages that begin before there is a program do that here as well, and the program must be the same, byte for byte.
Prints a line for each and closes with 'N passed, N failed'. Needs root.
"""

import argparse
import concurrent.futures
import hashlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from compilers_programs import PROGRAMS  # noqa: E402
from lib import manifest, paths  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
# What each compile stage stands for; the name of the file to compile is at the place of {sources}.
PLAIN = {
    "c": ["/usr/bin/gcc", "-O2", "-std=gnu17", "{flags}", "-o", "main", "{sources}", "-lm", "-pthread"],
    "cpp": ["/usr/bin/g++", "-O2", "-std=gnu++20", "{flags}", "-o", "main", "{sources}", "-pthread"],
    "rust": ["/usr/bin/rustc", "--edition=2021", "--crate-name=main", "{flags}", "-o", "main", "{entry}"],
    "go": ["/opt/sandglass/go/build", "main", "{sources}", "--", "{flags}"],
    "typescript": ["/opt/sandglass/typescript/build", "{out}", "{entry}"],
    "csharp": ["/usr/bin/mono", "/usr/lib/mono/4.5/mcs.exe", *manifest.command_of("csharp", "compile")[3:]],
}
# The fast ones that are not in the manifest: what is parked, and does not stop if nobody makes it; how it knows that it may be.
FAST = {
    "typescript": ["/opt/sandglass/typescript/parked", "{out}", "{entry}"],
    "csharp": ["/usr/bin/bash", "-c", 'exec 100< /dev/null "$@"', "-", *manifest.command_of("csharp", "compile")],
}
# They leave programs that they have doubts about to this, which is hidden from them where the plain toolchain says nothing,
# or else to nobody, if they are started so: then they may have no doubts.
IN_DOUBT = {"typescript": "/opt/sandglass/typescript/build"}
SURE = {"csharp": [*manifest.command_of("csharp", "compile")[:3], "--ahead", *manifest.command_of("csharp", "compile")[3:]]}
ARTEFACTS = {"typescript": "program.js", "csharp": "main.exe"}
# Those of which they are not sure.
DOUBTFUL = ("csharp in a namespace of", "csharp by the name of", "csharp attribute of the assembly", "csharp escaped namespace", "csharp tuples and patterns")
# What a process that is to be parked does before there is a program (runtimes/c/compile.c); here there is one at once.
AHEAD = {"c": {"SANDGLASS_PARK": "main.c"}, "cpp": {"SANDGLASS_PARK": "main.cpp"}}
# Where rustc finds the linker that is ours.
HIDDEN = {"rust": "/usr/lib/rustlib/x86_64-unknown-linux-gnu/bin"}
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/home", "LANG": "C.UTF-8", "TMPDIR": "/tmp", "USER": "sandbox",
               "ASAN_OPTIONS": "detect_leaks=0", "GOMAXPROCS": "2"}
# When the files were sent; go looks at what is older than two seconds with other eyes, which is seldom so in a test.
SENT = 1704067200
# Programs of the conformance suite that end by a limit of the jail, of which there is none here.
ENDLESS = {"cpu_limit", "wall_limit", "memory_limit", "output_limit", "recursion", "cpu_limit_threads"}


NEWER = ("text_json", "top_level")  # for .NET


class Image:
    """Commands in the image's tree, with a directory for /work, in namespaces that end with the command."""

    SETUP = ('root=$1 work=$2; shift 2; mount --bind "$work" "$root/work" && mount -t tmpfs none "$root/tmp" && '
             'mount -t tmpfs none "$root/home" && mount -t proc none "$root/proc" && mount --bind /dev "$root/dev" && '
             'mount --bind "$root/opt" "$root/opt" && mount -o remount,bind,ro "$root/opt" && '
             'if [ -d "$root$hidden" ] && [ "$hidden" ]; then mount -t tmpfs none "$root$hidden"; fi && '
             'if [ -f "$root$hidden" ]; then mount --bind /dev/null "$root$hidden"; fi && exec chroot "$root" /usr/bin/env -i --chdir=/work "$@"')

    def __init__(self, root):
        self.root = root

    def run(self, work, argv, environment, stdin=b"", hidden=""):
        words = [f"{name}={value}" for name, value in environment.items()]
        return subprocess.run(["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", self.SETUP, "sh", self.root, work, *words, *argv],
                              input=stdin, capture_output=True, timeout=300, check=False, env={**os.environ, "hidden": hidden})


class Case:
    """A program, given as {name: text} with the file to run first, and flags; one that compiles must do so."""

    def __init__(self, language, name, files, flags=(), environment=None, stdin=b"", compiles=False):
        self.compiles = compiles
        self.language, self.files, self.flags, self.stdin = language, files, list(flags), stdin
        self.environment = environment or {}
        self.artefact = ARTEFACTS.get(language, "main")
        self.name = " ".join([language, name, *self.flags, *(f"{k}={v}" for k, v in self.environment.items())])

    def command(self, pattern):
        suffixes = tuple(re.findall(r"\.[\w+]+", manifest.scalar_of(self.language, "source_suffixes") or ""))
        entry = next(iter(self.files))
        sources = [entry, *(name for name in list(self.files)[1:] if name.endswith(suffixes))] if suffixes else [entry]
        lists = {"{sources}": sources, "{flags}": self.flags, "{out}": [self.artefact], "{entry}": [entry]}
        return [word for part in pattern for word in lists.get(part, [part])]

    def outcome(self, image, pattern, environment, hidden="", ahead=None):
        """What came of the compiler, and of the program if there is one. `hidden` is a directory or file that it does not see;
        the variables in `ahead` are only the compiler's."""
        with tempfile.TemporaryDirectory() as work:
            os.chmod(work, 0o777)
            for name, data in self.files.items():
                path = pathlib.Path(work, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data if isinstance(data, bytes) else data.encode())
                os.utime(path, (SENT, SENT))
            done = image.run(work, self.command(pattern), {**environment, **self.environment, **(ahead or {})}, hidden=hidden)
            found = {"exit code": done.returncode, "stdout": done.stdout, "stderr": normal(done.stderr)}
            program = pathlib.Path(work, self.artefact)
            found["files"] = sorted(str(p.relative_to(work)) for p in pathlib.Path(work).rglob("*"))
            if self.language in ARTEFACTS:
                found["text"] = program.read_bytes().splitlines() if program.is_file() else None
            elif program.exists():
                found["linked"] = linked(program, self.language)
                found["program"] = hashlib.sha256(program.read_bytes()).hexdigest()
                ran = image.run(work, ["/work/main"], environment, self.stdin)
                found["its exit code"], found["its stdout"], found["its stderr"] = ran.returncode, steady(ran.stdout), steady(ran.stderr)
            return found

    def faults(self, image):
        plain = self.outcome(image, PLAIN[self.language], ENVIRONMENT, HIDDEN.get(self.language, ""))
        sure = plain["exit code"] == 0 and not plain["stderr"]
        command = not self.name.startswith(DOUBTFUL) and SURE.get(self.language) or FAST.get(self.language) or manifest.command_of(self.language, "compile")
        fast = self.outcome(image, command, ENVIRONMENT, IN_DOUBT.get(self.language, "") if sure else "")
        ahead = self.language in AHEAD and self.outcome(image, manifest.command_of(self.language, "compile"), ENVIRONMENT, ahead=AHEAD[self.language])
        broken = [f"ahead, {key}:\n    {ahead.get(key)!r:.2000}\n    {fast.get(key)!r:.2000}" for key in ahead or () if ahead.get(key) != fast.get(key)]
        for found in (fast, plain):
            found.pop("program", None)  # one that came of the plain linker is arranged otherwise
        broken += [f"it must compile: {fast['stderr']!r:.2000}"] if self.compiles and fast["exit code"] else []
        return broken + [f"{key}:\n   plain {lacking(plain, fast, key)!r:.2000}\n    fast {lacking(fast, plain, key)!r:.2000}"
                for key in plain.keys() | fast.keys() if plain.get(key) != fast.get(key)]


def lacking(found, other, key):
    """What is in one and not in the other; of lists that is less than all."""
    value = found.get(key)
    return [item for item in value if item not in other[key]] if isinstance(value, list) and other.get(key) else value


def normal(text):
    """Without what is another each time: names of temporary files."""
    text = re.sub(rb"/tmp/cc\w{6}\.", b"/tmp/ccXXXXXX.", text)
    text = re.sub(rb"/tmp/(rustc|go-build|go-link-)\w+", rb"/tmp/\1XXXXXX", text)
    return re.sub(rb"go: failed to trim cache.*\n", b"", text)


def steady(text):
    """Without addresses and numbers of processes."""
    return re.sub(rb"==\d+==|0x[0-9a-f]+|\(BuildId: \w+\)|thread '\S+' \(\d+\)|T\d+\b", b"#", text)


def linked(program, language):
    """What the loader is asked for; that is all of a dynamic executable that the linker decides, but for addresses."""
    if language == "go":  # not linked with anything
        return None
    shown = subprocess.run(["readelf", "-W", "-d", "-r", "--dyn-syms", "-V", program], capture_output=True, text=True, check=False).stdout
    needed = re.findall(r"\((NEEDED|FLAGS_1|FLAGS|RUNPATH|RPATH)\)\s+(.*)", shown)
    relocations = sorted(re.findall(r"^[0-9a-f]+\s+[0-9a-f]+ (R_\w+) +(?:[0-9a-f]+ +)?([\w.@]*)", shown, re.MULTILINE))
    symbols = sorted((kind, bind, see, "UND" if section == "UND" else "", name) for kind, bind, see, section, name in
                     re.findall(r"^ +\d+: [0-9a-f]+ +\w+ (\w+) +(\w+) +(\w+) +(\w+) (\S+)", shown, re.MULTILINE))
    if language == "rust":  # linked by another linker
        return [value for _, value in needed if "Shared library" in value]
    names = [relocation for relocation in relocations if relocation[0] != "R_X86_64_RELATIVE"]
    return [*needed, *names, ("relocations", len(relocations)), *symbols]


# --- which ---

def conformance_cases(language):
    """The programs of the conformance suite; one of several files has the file to run first."""
    main = manifest.scalar_of(language, "file_name")
    suffix = pathlib.Path(main).suffix
    for path in sorted((HERE / language).iterdir()):
        name = path.stem
        broken = name in ("compile_error", *(NEWER if language == "csharp" else ()))
        if name in ENDLESS or name in ("cases", "big_output"):
            continue
        if path.is_dir():
            files = {str(p.relative_to(path)): p.read_bytes() for p in sorted(path.rglob("*")) if p.is_file()}
            yield Case(language, name, {main: files.pop(main), **files}, compiles=True)
        elif path.suffix == suffix:
            yield Case(language, name, {main: path.read_bytes()}, compiles=not broken)


def all_flags(language):
    text = (paths.SOURCE / "runtimes" / language / "runtime.yaml").read_text()
    listed = re.search(r"^flags: \[(.*?)\]$", text, re.MULTILINE | re.DOTALL)[1]
    for word in re.findall(r'"([^"]+)"|([^,\s\[\]]+)', listed):
        word = "".join(word)
        values = re.search(r"\{(.*)\}", word)
        yield from ([word.replace(values[0], value) for value in values[1].split(",")] if values else [word])


def programs(language):
    """{name: files}"""
    main = manifest.scalar_of(language, "file_name")
    return {name: {main: program} if isinstance(program, (str, bytes)) else program for name, program in PROGRAMS[language].items()}


def short_cases(language):
    """Each program once, without flags; those of the conformance suite are run by that."""
    yield from (Case(language, name, files) for name, files in programs(language).items())


def all_cases(language):
    yield from conformance_cases(language)
    yield from short_cases(language)
    if language not in FLAG_SETS:
        return
    for name, files in programs(language).items():
        yield Case(language, name, files, FLAG_SETS[language][0])
        if name in ("good", "warns"):
            for flags in [*([flag] for flag in all_flags(language)), *FLAG_SETS[language][1:]]:
                yield Case(language, name, files, flags)
    for name, value in ENVIRONMENTS.get(language, ()):
        yield Case(language, "good", programs(language)["good"], (), {name: value})


# The first is for every program.
FLAG_SETS = {
    "c": (["-Wall", "-Wextra"], ["-O0", "-g"], ["-Werror", "-Wall", "-std=c99", "-O2", "-O2"]),
    "cpp": (["-Wall", "-Wextra"], ["-O0", "-g"], ["-std=c++17", "-O2"], ["-Wall", "-Werror", "-Wshadow", "-Wconversion"]),
    "rust": (["-O"], ["-g", "-Cpanic=abort"]),
    "go": (["-ldflags=-s"], ["-gcflags=-N"]),
}
ENVIRONMENTS = {
    "c": (("CPATH", "/work"), ("LIBRARY_PATH", "/work"), ("SOURCE_DATE_EPOCH", "1"), ("PATH", "/work:/usr/bin:/bin"), ("GREETING", "hello")),
    "cpp": (("CPATH", "/work"), ("CPLUS_INCLUDE_PATH", "/work"), ("SOURCE_DATE_EPOCH", "1"), ("GCC_COLORS", "error=01")),
    "rust": (("RUSTFLAGS", "-O"), ("RUST_BACKTRACE", "1")),
    "go": (("GOFLAGS", "-v"), ("GOARCH", "arm64"), ("GOMAXPROCS", "1")),
}


def chosen_cases(options):
    cases_of = short_cases if options.short else all_cases
    return [case for language in options.languages or PLAIN for case in cases_of(language) if (options.case or "") in case.name]


def compare_all(cases, image, jobs):
    """How many are the same and how many not."""
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        todo = {pool.submit(case.faults, image): case for case in cases}
        for done in concurrent.futures.as_completed(todo):
            faults = done.result()
            failed += bool(faults)
            print("failed " if faults else "passed ", todo[done].name, *(f"\n    {fault}" for fault in faults), flush=True)
    return len(cases) - failed, failed


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("languages", nargs="*", metavar="language", help="only these")
    parser.add_argument("--case", help="only cases with this in their names")
    parser.add_argument("--short", action="store_true", help="each program of this suite once, without flags")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="cases at a time")
    parser.add_argument("--image", default="default")
    return parser.parse_args()


def main():
    options = arguments()
    root = paths.IMAGES / options.image / "root"
    if os.geteuid() != 0 or not root.is_dir():
        print("skipped: needs root and an image")
        return 77
    passed, failed = compare_all(chosen_cases(options), Image(str(root)), options.jobs)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
