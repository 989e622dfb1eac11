#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The escape suite: hostile programs against a real server, and proof that each wall is what held them.

Every program of tests/escape/programs must be contained by the normal build. Then the fault-injection build
(meson -Dwalls_off=env) is started once for each set of removed walls that a program names, and the same program
must get through; where several walls guard the same thing, one of them removed must not be enough. Limits are
proven by raising them. Afterwards the host is searched for anything that a run has left. Needs root.
"""
import argparse
import os
import pathlib
import re
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[1])]

import attack  # noqa: E402
import documents  # noqa: E402
import host_cases  # noqa: E402
import leftovers  # noqa: E402
from cases import Context, load_cases  # noqa: E402
from lib import paths  # noqa: E402
from program import load_programs  # noqa: E402
from report import Report  # noqa: E402
from setup import Setup, kernel_has  # noqa: E402
from target import Target, check_builds  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=str(paths.BUILD), metavar="DIR", help="normal build (default: %(default)s)")
    parser.add_argument("--faulty-build", default=str(paths.INJECTION_BUILD), metavar="DIR",
                        help="build with -Dwalls_off=env (default: %(default)s)")
    parser.add_argument("--only", type=re.compile, metavar="PATTERN", help="only cases whose name matches")
    parser.add_argument("--jobs", type=int, default=4, help="programs at a time (default: %(default)s)")
    parser.add_argument("--json", metavar="FILE", help="write all results there too")
    parser.add_argument("--verbose", action="store_true", help="whole lines, also of what passed")
    parser.add_argument("--write-docs", action="store_true", help="only write the tables of THREATS.md anew")
    parser.add_argument("--check-docs", action="store_true", help="only compare THREATS.md with the programs")
    return parser.parse_args()


def wall_text(walls):
    return ",".join(sorted(walls))


def normal_batch(report, jobs, programs):
    batch = attack.Batch(report, jobs)
    for program in programs:
        batch.add(program.name, program.is_timed, attack.contained, program)
        if program.relax is not None:
            batch.add(program.name + " relaxed", program.is_timed, attack.relaxed, program)
        if program.plant:
            batch.add(program.name + " planted", False, attack.planted, program)
    return batch


def wall_batches(report, jobs, programs):
    """{removed walls: batch}, what must get through before what must not."""
    batches = {}
    for program in programs:
        for rule in program.without:
            batch = batches.setdefault(rule.walls, attack.Batch(report, jobs))
            name = "%s without %s" % (program.name, wall_text(rule.walls))
            batch.add(name, program.is_timed, attack.without_wall, program, rule)
    for program in programs:
        if program.alone_needs and not kernel_has(program.alone_needs):
            continue
        for walls in program.partial_walls():
            batch = batches.setdefault(walls, attack.Batch(report, jobs))
            batch.add("%s with only %s removed" % (program.name, wall_text(walls)), program.is_timed, attack.contained, program)
    return {walls: batch for walls, batch in sorted(batches.items(), key=lambda item: wall_text(item[0])) if batch}


def run_server_cases(report, setup, cases, server):
    """The cases that share the server of the programs; the one about counters at last."""
    context = Context(server, setup, None)
    shared = [case for case in cases if not case.own_server]
    for case in sorted(shared, key=lambda case: "counters" in case.case_name):
        report.run(case.case_name, case, context)


def run_normal(report, options, setup, programs, cases):
    batch = normal_batch(report, options.jobs, programs)
    wanted = batch or any(report.wants(case.case_name) for case in cases if not case.own_server)
    if not wanted:
        return
    with Target(setup) as server:
        server.works()
        host_before = host_cases.ServerState(server)
        batch.run(server)
        run_server_cases(report, setup, cases, server)
        report.run("host nothing is left while the server runs", host_before.check)


def run_host_image(report, options, setup, programs):
    """Once more without an image: what of the host is then shown is chosen by a list, and nothing else may be seen."""
    batch = attack.Batch(report, options.jobs)
    for program in programs:
        if program.name.startswith(("a_paths/", "f_kernel/", "i_network/path")):
            batch.add(program.name + " on the host image", program.is_timed, attack.contained, program)
    if batch:
        with Target(setup, settings={"image_dir": setup.no_images}) as server:
            batch.run(server)


def run_own_servers(report, setup, cases):
    context = Context(None, setup, lambda **options: Target(setup, **options))
    for case in cases:
        if case.own_server:
            report.run(case.case_name, case, context)


def run_without_walls(report, options, setup, programs):
    for walls, batch in wall_batches(report, options.jobs, programs).items():
        try:
            with Target(setup, walls_off=walls) as server:
                batch.run(server)
        except (AssertionError, OSError) as error:
            report.add("server without " + wall_text(walls), "failed", error)


def run_all(report, options, setup):
    programs, cases = load_programs(), load_cases()
    before = leftovers.Snapshot(setup)
    hashes = leftovers.hash_images(setup) if report.wants("host images") else None
    report.run("host the search for leftovers finds what is planted", host_cases.self_test, setup)
    run_normal(report, options, setup, programs, cases)
    run_host_image(report, options, setup, programs)
    run_own_servers(report, setup, cases)
    report.run("host nothing is left behind by contained runs", host_cases.check_nothing_left, before, True)
    run_without_walls(report, options, setup, programs)
    setup.remove_marks()
    report.run("host nothing is left behind by runs without a wall", host_cases.check_nothing_left, before, False)
    if hashes is not None:
        report.run("host images are unchanged, read through the page cache", host_cases.check_images, setup, hashes)
    report.run("documents THREATS.md names every program", documents.check)


def main():
    options = arguments()
    if options.write_docs or options.check_docs:
        return documents.write() if options.write_docs else documents.main()
    if os.geteuid() != 0:
        print("skipped: needs root, to look at the host from outside")
        return 77
    setup = Setup(options.build, options.faulty_build)
    report = Report(options.only, options.verbose)
    try:
        missing = check_builds(setup)
        if missing:
            sys.exit(missing)
        run_all(report, options, setup)
    finally:
        setup.close()
    return report.close(options.json)


if __name__ == "__main__":
    sys.exit(main())
