# SPDX-License-Identifier: Apache-2.0
"""
Many runs in a loop leave nothing behind: no process, mount, cgroup, page of tmpfs or descriptor.
SANDGLASS_LEAK_RUNS sets how many (default 2000; `tests/run --full` makes 10000 of them), SANDGLASS_MIXED_RUNS how many
in all languages at once (default 400; 20000).
"""

import concurrent.futures
import itertools
import math
import os
import threading
import time

from lib import host
from lib.scenario import Skip
from lib.server import Server

ALONE = True  # mounts are the whole machine's

RUNS = int(os.environ.get("SANDGLASS_LEAK_RUNS", "2000"))
MIXED_RUNS = int(os.environ.get("SANDGLASS_MIXED_RUNS", "400"))
PARALLEL = 8
READY = 8
PARKED = 4  # fewer than there are runtimes to park, so that there are always as many
FIELDS = ("processes", "cgroups", "mounts", "mounts of the spawner", "fds of the parent", "fds of the front", "fds of the spawner",
          "fds of the store", "Shmem KiB")

# what runs leave when nobody cleans up: files in every writable place, shared memory, orphans, sockets
DIRT = [
    ("bash", "head -c 300000 /dev/urandom > /tmp/x; cp /tmp/x /work/y; cp /tmp/x /dev/shm/z; echo $$", {}),
    ("bash", "(setsid sleep 500 &) ; (trap '' TERM; sleep 500) & echo left", {}),
    ("bash", "mkdir -p a/b/c/d/e; mkfifo a/f; ln -s /etc/passwd a/l; exit 3", {}),
    ("bash", "kill -9 $$", {}),
    ("bash", "sleep 60", {"limits": {"wall_time_ms": 20}}),
    ("bash", "yes", {"limits": {"output_bytes": 5000}}),
    ("bash", "cat", {"stdin": "x" * 100000}),
    ("bash", ": | sleep 300", {"leave": True}),
]
PYTHON_DIRT = ("import os, mmap, socket\nfd = os.memfd_create('x'); os.ftruncate(fd, 1 << 20); mmap.mmap(fd, 1 << 20).write(b'x' * (1 << 20))\n"
               "s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()\nu = socket.socket(socket.AF_UNIX); u.bind('/tmp/sock'); u.listen()\n"
               "os.fork() or os.setsid()\nprint('done')")

# Each answers the numbers of its input and its argument, so that nobody's answer is another's; the dear ones come less often.
ECHO = {
    "python": "import sys\nprint(sys.argv[1], sum(map(int, sys.stdin.read().split())))\n",
    "javascript": "const fs = require('fs');\nconsole.log(process.argv[2], fs.readFileSync(0, 'utf8').split(' ').reduce((a, b) => a + +b, 0));\n",
    "bash": "read a b; echo \"$1 $((a + b))\"\n",
    "lua": "local a, b = io.read('n', 'n')\nprint(arg[1] .. ' ' .. math.tointeger(a + b))\n",
    "perl": "use List::Util 'sum';\nprint \"$ARGV[0] \", sum(split ' ', <STDIN>), \"\\n\";\n",
    "php": "<?php echo $argv[1], ' ', array_sum(explode(' ', fgets(STDIN))), \"\\n\";\n",
    "ruby": "puts \"#{ARGV[0]} #{STDIN.gets.split.map(&:to_i).sum}\"\n",
    "typescript": "import * as fs from 'fs';\nconst words: string[] = fs.readFileSync(0, 'utf8').split(' ');\n"
                  "console.log(process.argv[2], words.reduce((a: number, b) => a + +b, 0));\n",
    "c": "#include <stdio.h>\nint main(int n, char **v) { long a, b; return scanf(\"%ld %ld\", &a, &b) == 2 ? printf(\"%s %ld\\n\", v[1], a + b) < 0 : 1; }\n",
    "cpp": "#include <iostream>\nint main(int, char **v) { long a, b; std::cin >> a >> b; std::cout << v[1] << ' ' << a + b << std::endl; }\n",
    "go": "package main\nimport (\"fmt\"; \"os\")\nfunc main() { var a, b int; fmt.Scan(&a, &b); fmt.Println(os.Args[1], a+b) }\n",
    "rust": "fn main() { let mut s = String::new(); std::io::stdin().read_line(&mut s).unwrap();\n"
            "println!(\"{} {}\", std::env::args().nth(1).unwrap(), s.split_whitespace().map(|w| w.parse::<i64>().unwrap()).sum::<i64>()); }\n",
    "sql": "SELECT {argument} || ' ' || ({a} + {b});\n",
    "java": "import java.util.*;\npublic class Main { public static void main(String[] v) { Scanner s = new Scanner(System.in);\n"
            "System.out.println(v[0] + \" \" + (s.nextLong() + s.nextLong())); } }\n",
    "csharp": "using System; class P { static void Main(string[] v) { var w = Console.ReadLine().Split(' ');\n"
              "Console.WriteLine(v[0] + \" \" + (long.Parse(w[0]) + long.Parse(w[1]))); } }\n",
    "r": "w <- scan(file('stdin'), quiet=TRUE)\ncat(commandArgs(TRUE)[1], sum(w), '\\n')\n",
    "bun": "console.log(process.argv[2], (await Bun.stdin.text()).split(' ').reduce((a, b) => a + +b, 0));\n",
    "deno": "console.log(Deno.args[0], (await new Response(Deno.stdin.readable).text()).split(' ').reduce((a, b) => a + +b, 0));\n",
}
SELDOM = ("java", "csharp", "r", "deno", "bun")
MIX = [name for name in ECHO for _ in range(1 if name in SELDOM else 4)]


def _standing(server, parked):
    """How many jails stand once those that wait for a run are all there, and such as were made for who has left."""
    server.wait_idle()
    deadline = time.monotonic() + 60
    while True:
        metrics = server.metrics()
        numbers = {state: int(metrics[f"sandglass_slots_{state}"]) for state in ("ready", "parked", "making")}
        if numbers["ready"] >= READY and numbers["parked"] == parked and not numbers["making"]:
            return numbers["ready"] + parked + int(metrics["sandglass_zygotes"])
        assert time.monotonic() < deadline, numbers
        time.sleep(0.05)


def _measure(server, parked=PARKED):
    standing = _standing(server, parked)
    roles = server.roles()
    return {"jails": standing} | dict(zip(FIELDS, (
        len(server.lasting_processes()), len(server.cgroups()), host.mount_count(), host.mount_count(roles["spawner"]),
        *(host.fd_count(roles[r]) for r in ("parent", "front", "spawner", "store")), host.shmem_kib(server.cgroup_name))))


def _leave(server, code):
    """A caller who goes away without waiting."""
    with server.connect() as connection:
        connection.send(server.encoded("bash", code))
        time.sleep(0.005)


def _one(server, number):
    if number % 50 == 49:
        return server.execute("python", PYTHON_DIRT).status
    language, code, fields = DIRT[number % len(DIRT)]
    if fields.get("leave"):
        return _leave(server, code)
    return server.execute(language, code, **fields).status


def _echo(server, number):
    """None, or what was wrong."""
    language, a, b = MIX[number % len(MIX)], number, 7 * number + 1
    if language == "sql":  # takes no arguments, and a database for its input
        result = server.run(language, ECHO[language].format(argument=number, a=a, b=b))
    else:
        result = server.run(language, ECHO[language], args=[str(number)], stdin=f"{a} {b}\n")
    right = result["status"] == "ok" and result["stdout"].split()[-2:] == [str(number), str(a + b)]
    return None if right else repr((language, number, result))


def _loop(server, runs, one=_one):
    numbers, lock, statuses = itertools.count(), threading.Lock(), set()

    def work():
        while True:
            with lock:
                number = next(numbers)
            if number >= runs:
                return
            statuses.add(one(server, number))

    with concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
        for future in [pool.submit(work) for _ in range(PARALLEL)]:
            future.result()
    return statuses


def _worse(before, after, fields=FIELDS):
    """What there is more of. Which interpreters are parked is not always the same, nor how many zygotes those have: their share is theirs."""
    more = min(max(0, after["jails"] - before["jails"]), PARKED)
    most = {n: before[n] + (1024 if n == "Shmem KiB" else more * math.ceil(before[n] / before["jails"])) for n in fields}
    return {n: (before[n], after[n]) for n in fields if after[n] > most[n]}


def _settled(server, before):
    """Measured again until it is what it was: the kernel frees namespaces a little later."""
    deadline = time.monotonic() + 70  # for jails made for who has left, too
    while True:
        after = _measure(server)
        worse = _worse(before, after)
        if not worse or time.monotonic() > deadline:
            return after, worse
        time.sleep(0.5)


def many_runs_leave_nothing_behind():
    with Server({"slots_ready": READY, "warm_slots_max": PARKED}) as server:
        assert _loop(server, 200) <= {200, None}  # buffers and tables grow once
        before = _measure(server)
        began = time.monotonic()
        statuses = _loop(server, RUNS)
        after, worse = _settled(server, before)
        print(f"{RUNS} runs, {PARALLEL} at a time, in {time.monotonic() - began:.0f} s:")
        for name in before:
            print(f"  {name:24} {before[name]:8} before {after[name]:8} after")
        assert statuses <= {200, None}, statuses
        assert not worse, worse
        roles = server.roles()
        assert server.stop() == 0 and not server.processes() and not server.cgroups()
        assert not any(map(host.is_alive, roles.values()))


def programs_of_all_languages_at_once_get_their_own_answers():
    with Server({"slots_ready": READY, "warm": "full", "warm_slots_max": PARKED * 4}) as server:
        _loop(server, 2 * len(MIX), _echo)
        before = _measure(server, PARKED * 4)
        wrong = _loop(server, MIXED_RUNS, _echo)
        assert wrong == {None}, wrong
        after = _measure(server, PARKED * 4)
        worse = _worse(before, after, FIELDS[1:-1])
        assert not worse, worse
        assert server.stop() == 0 and not server.processes() and not server.cgroups()


def memory_of_the_roles_does_not_grow_with_runs():
    if "ASAN_OPTIONS" in os.environ:
        raise Skip("AddressSanitizer keeps freed memory for a while")
    with Server() as server:
        _loop(server, 300)
        before = {role: host.rss_kib(pid) for role, pid in server.roles().items()}
        _loop(server, 600)
        after = {role: host.rss_kib(pid) for role, pid in server.roles().items()}
        grown = {role: (before[role], after[role]) for role in before if after[role] > before[role] * 1.2 + 1024}
        assert not grown, grown
