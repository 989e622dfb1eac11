#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Copies of interpreters of the default image (docs/zfork.md), outside of the server: each runs a program that uses much
of its runtime, with parallel clients, and has to say what the exec'd interpreter says. Needs root.
"""

import argparse
import concurrent.futures
import difflib
import os
import pathlib
import signal
import sys
import time
import traceback

import pressure
import zygote
from zygote import paths

HERE = pathlib.Path(__file__).parent
ENV = ["PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/home", "LANG=C.UTF-8", "TMPDIR=/tmp", "USER=sandbox"]
INPUT = b"one\ntwo\n"
NODE_FILES = {"more.mjs": b"export default 'more';\n", "child.js": b"process.send(process.argv0); process.disconnect();\n"}
JAVA = ["-XX:+UseSerialGC", "-XX:-UsePerfData"]


def _text(name):
    return (HERE / name).read_bytes()


def _node(path):
    return {"argv": [path, "--max-old-space-size=512", "--max-semi-space-size=16", "main.js"], "file": "main.js",
            "prepare": (paths.SOURCE / "runtimes/javascript/warm.js").read_text(),
            "programs": [{"main.js": _text("features.js"), "mode": mode, **NODE_FILES} for mode in (b"", b"exit", b"throw", b"reject")],
            "seeds": {"main.js": b"const c = require('crypto'), vm = require('vm');\n"
                                 b"console.log(Math.random(), c.randomUUID(), c.randomBytes(8).toString('hex'), vm.runInNewContext('Math.random()'),"
                                 b" crypto.getRandomValues(new Uint32Array(2)).join())\n"}}


def _javac(version):
    java = f"/opt/sandglass/java/{version}"
    return [f"{java}/jdk/bin/java", f"-XX:SharedArchiveFile={java}/compile.jsa", *JAVA, "-XX:TieredStopAtLevel=1", "-Xlog:disable", "-Xmx384m",
            "-jar", f"{java}/compile.jar", "main.jar", "Main.java", "--", "Main.java"]


def _java(version):
    seeds = (b"public class Main { public static void main(String[] a) { System.out.println(Math.random() + \" \" + java.util.UUID.randomUUID()"
             b" + \" \" + new java.util.Random().nextLong() + \" \" + java.util.concurrent.ThreadLocalRandom.current().nextLong()"
             b" + \" \" + new java.security.SecureRandom().nextLong() + \" \" + new java.util.SplittableRandom().nextLong()); } }")
    return {"argv": [f"/opt/sandglass/java/{version}/jdk/bin/java", "-XX:ActiveProcessorCount=1", "-Xmx384m", *JAVA, "-XX:ErrorFile=/dev/stderr",
                     "-jar", "main.jar"], "file": "main.jar", "compile": (_javac(version), "Main.java", "main.jar"),
            "programs": [{"Main.java": _text("Features.java"), "mode": mode} for mode in (b"", b"throw")], "seeds": {"Main.java": seeds}}


def _compiler(version):
    broken = _text("Features.java").replace(b"int depth", b"in depth")
    return {"argv": _javac(version), "file": "Main.java", "programs": [{"Main.java": _text("Features.java")}, {"Main.java": broken}]}


MCS = ["/usr/bin/mono", "--gc-params=nursery-size=64m", "/opt/sandglass/csharp/compile.exe", "-utf8output", "-out:main.exe",
       "-r:System.Core,System.Numerics", "main.cs"]
CASES = {
    "node24": _node("/opt/node24/bin/node"),
    "node22": _node("/opt/node22/bin/node"),
    "node20": _node("/usr/bin/node"),
    "ruby": {"argv": ["/usr/bin/ruby", "main.rb"], "file": "main.rb",
             "programs": [{"main.rb": _text("features.rb"), "mode": mode} for mode in (b"", b"throw")],
             "seeds": {"main.rb": b"require 'securerandom'\nputs rand, Random.new.rand, SecureRandom.hex, Random.seed, [*1..40].shuffle.join('-')\n"}},
    "java25": _java(25),
    "java21": _java(21),
    "javac25": _compiler(25),
    "javac21": _compiler(21),
    "mono": {"argv": ["/usr/bin/mono", "main.exe"], "file": "main.exe", "compile": (MCS, "main.cs", "main.exe"),
             "programs": [{"main.cs": _text("Features.cs"), "mode": mode} for mode in (b"", b"throw")],
             "seeds": {"main.cs": b"static class A { static void Main() { System.Console.WriteLine(System.Guid.NewGuid()); } }"}},
    "mcs": {"argv": MCS, "file": "main.cs",
            "programs": [{"main.cs": _text("Features.cs")}, {"main.cs": b"static class A { static void Main() { undefined(); } }"}]},
}


def _compiled(root, case, program):
    """The program as the run stage has it: with the compiled one in place of the source."""
    if "compile" not in case:
        return program
    argv, source, artefact = case["compile"]
    out, err, code, made = zygote.Interpreter(root, argv, ENV, source).execute(program, keep=artefact)
    if code != 0:
        raise RuntimeError(f"compile: {(out + err).decode()}")
    return {artefact: made, **{name: data for name, data in program.items() if name != source}}


def _lines(wanted, mine):
    """What a copy printed otherwise."""
    texts = [text.decode(errors="replace").splitlines() for text in (wanted, mine)]
    return "\n  ".join(line for line in difflib.unified_diff(*texts, "exec", "copy", lineterm="", n=0))


def _differences(expected, got):
    texts = [f"{name}:\n  {_lines(wanted, mine)}" for name, wanted, mine in zip(("stdout", "stderr"), expected, got) if mine != wanted]
    return texts + [f"exit code {got[2]} instead of {expected[2]}"] * (got[2] != expected[2])


def _compare(interpreter, programs, expected, number):
    index = number % len(programs)
    return _differences(expected[index], interpreter.fork(programs[index], INPUT))


def _stress(interpreter, programs, options):
    """Programs in turn, so many at a time. Texts of what went wrong."""
    expected = [interpreter.execute(program, INPUT) for program in programs]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = pool.map(lambda number: _compare(interpreter, programs, expected, number), range(options.runs))
        return [text for result in results for text in result]


def _seeds(interpreter, program, options):
    """No word of what copies draw is another's."""
    seen, twice = set(), []
    for _ in range(min(options.runs, 200)):
        words = interpreter.fork(program)[0].split()
        twice += [f"drawn twice: {word!r}" for word in words if word in seen]
        seen.update(words)
    return twice if seen else ["nothing was drawn"]


def run_case(root, name, options):
    case = CASES[name]
    programs = [_compiled(root, case, program) for program in case["programs"]]
    interpreter = zygote.Interpreter(root, case["argv"], ENV, case["file"], case.get("prepare", ""))
    interpreter.start(paths.BUILD)
    try:
        begun = time.monotonic()
        wrong = _stress(interpreter, programs, options)
        seconds = time.monotonic() - begun
        if "seeds" in case:
            wrong += _seeds(interpreter, _compiled(root, case, case["seeds"]), options)
    finally:
        interpreter.stop()
    print(f"{name}: {options.runs} copies in {seconds:.0f} s, {len(wrong)} wrong", flush=True)
    for text in wrong[:5]:
        print(f"  {text[:2000]}")
    return not wrong


def _run_chosen(options):
    """How many cases were right and how many not."""
    root, counts = zygote.enter_world(), [0, 0]
    for name in options.only:
        try:
            counts[not run_case(root, name, options)] += 1
        except Exception:  # pylint: disable=broad-except
            print(f"{name}: {traceback.format_exc()}", flush=True)
            counts[1] += 1
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--runs", type=int, default=200, help="copies of each interpreter")
    parser.add_argument("--jobs", type=int, default=4, help="at a time")
    parser.add_argument("--busy", type=int, default=0, help="processes that take processor time meanwhile")
    parser.add_argument("--memory", type=int, default=0, metavar="MIB", help="all that copies and who takes pages from them may have")
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("copies in namespaces of their own need root")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # not without taking the pressure away
    with pressure.busy(options.busy), pressure.scarce(options.memory):
        counts = _run_chosen(options)
    print(f"{counts[0]} passed, {counts[1]} failed")
    return 1 if counts[1] else 0


if __name__ == "__main__":
    sys.exit(main())
