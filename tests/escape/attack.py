# SPDX-License-Identifier: Apache-2.0
"""Runs hostile programs against a server and has the answers judged: contained, relaxed, planted, without a wall."""
import contextlib
import os
import re
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import judge
import leftovers
from cases import Skip
from judge import need, until
from program import FOLDER, Program
from setup import kernel_has

FIND_ROUNDS = 12       # more runs than the test's servers keep jails ready, so that every slot comes round again
DISTINCT_RUNS = 6
GONE_WITHIN_S = 3
VICTIM = {"language": "python", "code": "import time\ntime.sleep(8)\n"}


def attack(server, program, extra=None, args=None):
    body = program.build_request(server.setup.environment(server), server.setup.replacements(), extra, args)
    return server.submit(body)


@contextlib.contextmanager
def victim(server, program):
    """Another run that sleeps meanwhile, for programs that look for one."""
    if not program.beside:
        yield
        return
    connection = server.connect()
    try:
        connection.send(server.encoded("python", VICTIM["code"]))
        until(lambda: server.metrics()["sandglass_jobs_running"] >= 1, 10, "the victim did not start")
        yield
    finally:
        connection.close()


def prepare(server, program):
    """Programs that look for what another one left are preceded by that other one."""
    if program.after:
        first = Program(os.path.join(FOLDER, os.path.dirname(program.name), program.after))
        judge.check_contained(first, attack(server, first))


def contained(server, program):
    prepare(server, program)
    if program.distinct:
        return contained_together(server, program)
    for _ in range(FIND_ROUNDS if program.after else 1):
        with victim(server, program):
            said = judge.check_contained(program, attack(server, program))
    if program.host:
        name = program.host.split()[1]
        until(lambda: not leftovers.processes_named(name), GONE_WITHIN_S, "on the host %s is left", name)
        said += "; on the host there is no " + name
    return said


def _run_together(server, program):
    with ThreadPoolExecutor(DISTINCT_RUNS) as pool:
        return list(pool.map(lambda _: attack(server, program), range(DISTINCT_RUNS)))


def _groups(program, answers):
    """What the pattern of `distinct` found in each answer, every group by itself."""
    found = [re.search(program.distinct, judge.stream(answer).decode("utf-8", "replace")) for answer in answers]
    need(all(found), "no %r in %s", program.distinct, judge.excerpt(answers[0]))
    return list(zip(*(match.groups() for match in found)))


def contained_together(server, program):
    answers = _run_together(server, program)
    for answer in answers:
        judge.check_contained(program, answer)
    for values in _groups(program, answers):
        need(len(set(values)) == len(values), "runs at the same time share: %s", ", ".join(values))
    return "%d runs at the same time, all different" % len(answers)


def relaxed(server, program):
    prepare(server, program)
    return judge.check_relaxed(program, attack(server, program, extra=program.relax))


def planted(server, program):
    return judge.check_escaped(program, attack(server, program, args=["plant"]))


def without_wall(server, program, rule):
    if program.needs and not kernel_has(program.needs):
        raise Skip("this kernel has no %s, so that removing the wall shows nothing" % program.needs)
    prepare(server, program)
    if program.distinct:
        return _shared_without(server, program, rule)
    if program.host:
        return _left_without(server, program)
    with victim(server, program):
        answer = attack(server, program)
    return judge.check_escaped(program, answer, rule.pattern)


def _shared_without(server, program, rule):
    answers = _run_together(server, program)
    if any(judge.lines(answer, "ESCAPED") for answer in answers):
        return judge.check_escaped(program, answers[0], rule.pattern)
    for values in _groups(program, answers):
        if len(set(values)) < len(values):
            return "runs at the same time share: " + ", ".join(values)
    raise judge.Problem("still all different, so that the wall proves nothing")


def _left_without(server, program):
    """The proof is a process that is left on the host; it is then ended, being ours."""
    name = program.host.split()[1]
    answer = attack(server, program)
    need(answer.status == 200, "no result: %s", judge.excerpt(answer))
    time.sleep(0.5)
    left = leftovers.processes_named(name)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    if not left:
        return judge.check_escaped(program, answer)
    return "%d processes named %s were left on the host" % (len(left), name)


class Batch:
    """Cases of one server: those that measure time one by one, the others so many at a time."""

    def __init__(self, report, jobs):
        self.report, self.jobs = report, jobs
        self.parallel, self.serial = [], []

    def add(self, name, is_timed, function, *args):
        if self.report.wants(name):
            (self.serial if is_timed else self.parallel).append((name, function, *args))

    def __bool__(self):
        return bool(self.parallel or self.serial)

    def run(self, server):
        rows, lock = list(self.parallel), threading.Lock()

        def work():
            while True:
                with lock:
                    if not rows:
                        return
                    name, function, *args = rows.pop(0)
                self.report.run(name, function, server, *args)

        threads = [threading.Thread(target=work) for _ in range(self.jobs)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for name, function, *args in self.serial:
            self.report.run(name, function, server, *args)
