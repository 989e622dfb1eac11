# SPDX-License-Identifier: Apache-2.0
"""Many runs at once: slots and ids that are used again, artefacts that are written and executed, counters."""
import threading
import time

from cases import case
from judge import excerpt, need, until
from lib import host


def parallel(count, workers, function):
    """function(i) for i below count in so many threads; the list of what they returned, or the first exception."""
    results, errors, lock, numbers = [], [], threading.Lock(), iter(range(count))

    def work():
        while True:
            with lock:
                number = next(numbers, None)
            if number is None or errors:
                return
            try:
                results.append(function(number))
            except Exception as error:  # handed to the caller below
                errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results


@case("races compile and run in parallel (ETXTBSY)", "T72", 5)
def compile_and_run(context):
    def one(number):
        code = "#include <stdio.h>\nint main(void){printf(\"n%d\\n\");return 0;}\n" % number
        answer = context.server.submit({"language": "c", "code": code})
        need(answer.status == 200 and answer.json["stdout"] == "n%d\n" % number, "run %d: %s", number, excerpt(answer))

    parallel(120, 8, one)
    return "120 compiles and runs, eight at a time, each with its own output"


VANDAL = """#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
int main(void)
{
	int fd;
	chmod("/proc/self/exe", 0777);
	chmod("main", 0777);
	fd = open("main", O_WRONLY);
	unlink("main");
	rename("vandal.c", "main");
	printf("opened %d\\n", fd >= 0 && write(fd, "ruined", 6) == 6);
	puts("intact");
	return 0;
}
"""


@case("races a cached program is the one that was compiled", "T18 T19", 4, own_server=True)
def cached(context):
    """Each run gets a copy of the artefact: whatever it does to it, the next one runs what the compiler left."""
    body = {"language": "c", "files": [{"name": "vandal.c", "content": VANDAL}], "entrypoint": "vandal.c"}
    with context.start(settings={"compile_cache_bytes": 1 << 20}) as server:
        front = server.roles()["front"]
        for number in range(6):
            answer = server.submit(body)
            need(answer.status == 200 and answer.json["status"] == "ok", "run %d: %s", number, excerpt(answer))
            need(answer.json["stdout"].endswith("intact\n"), "run %d: %s", number, excerpt(answer))
            need(answer.json["compile"]["cached"] == (number > 0), "run %d is %scached", number, "" if number == 0 else "not ")
        changed = {**body, "files": [{"name": "vandal.c", "content": VANDAL.replace("intact", "changed")}]}
        answer = server.submit(changed)
        need(answer.json["stdout"].endswith("changed\n"), "another source got the cached program: %s", excerpt(answer))
        parallel(100, 4, lambda number: server.submit({"language": "c", "code": "int main(void) { return %d; }" % number}))
        server.wait_idle()
        held = host.fd_count(front)
        need(held < 100, "the front holds %d descriptors for a cache of 1 MiB", held)
    return "six runs of one artefact, each intact; %d descriptors after 100 other programs" % held


@case("races answers are never mixed up", "T53 T73", 4)
def mixed(context):
    def one(number):
        if number % 3 == 0:
            answer = context.server.submit({"language": "bash", "code": "echo n$1; exit %d" % (number % 50), "args": [str(number)]})
        else:
            answer = context.server.run_python("import sys\nprint('n' + sys.argv[1])\nsys.exit(%d)" % (number % 50), args=[str(number)])
        need(answer.status == 200, "run %d: %s", number, excerpt(answer))
        need(answer.json["stdout"] == "n%d\n" % number and answer.json["exit_code"] == number % 50, "run %d: %s", number, excerpt(answer))

    parallel(400, 16, one)
    return "400 runs, 16 at a time, each with its own output and exit code"


@case("races slots and ids are given out again only when empty", "T24", 2)
def reuse(context):
    leave = ("import os,time\nprint(os.getuid())\n"
             "if os.fork() == 0:\n    os.setsid()\n    os.close(1); os.close(2)\n    time.sleep(30)\n")
    look = ("import os\nmine=os.getuid()\n"
            "others=[p for p in os.listdir('/proc') if p.isdigit() and int(p) not in (1, os.getpid(), os.getppid())]\n"
            "print(mine, others, os.listdir('/tmp'))\n")

    def one(number):
        answer = context.server.run_python(leave if number % 2 else look)
        need(answer.status == 200 and answer.json["status"] == "ok", "%s", excerpt(answer))
        if number % 2 == 0:
            need(answer.json["stdout"].endswith(" [] []\n"), "a slot was not empty: %s", excerpt(answer))
        return answer.json["stdout"].split()[0]

    uids = parallel(200, 12, one)
    return "200 runs through %d ids, none met another's process or file" % len(set(uids))


@case("races a full queue is 429, and everything recovers", "T24 T68", 3, own_server=True)
def queue_full(context):
    settings = {"runs_max": "4", "queue_max": "8", "queue_max_per_key": "8", "slots_ready": "2"}
    with context.start(settings=settings) as server:
        answers = parallel(40, 40, lambda _: server.run_python("import time\ntime.sleep(0.5)"))
        seen = sorted(answer.status for answer in answers)
        need(set(seen) == {200, 429}, "answers were %s", seen)
        need(seen.count(200) >= 12, "only %d of at least 12 ran", seen.count(200))
        for answer in answers:
            if answer.status == 429:
                need(answer.header("Retry-After") and answer.error_code == "queue_full", "%s", excerpt(answer))
        server.wait_idle(10)
        need(server.run_python("print(1)").status == 200, "does not recover")
    return "%d ran, %d got 429 with Retry-After" % (seen.count(200), seen.count(429))


@case("races one key's flood does not delay another key", "T68", 8, own_server=True)
def fairness(context):
    settings = {"runs_max": "4", "queue_max": "1000", "queue_max_per_key": "500", "slots_ready": "4"}
    with context.start(settings=settings) as server:
        other = server.make_key()
        until(lambda: server.ask("GET", "/v1/runtimes", key=other).status == 200, 5, "the new key is not known")
        flood = [threading.Thread(target=lambda: server.run_python("import time\ntime.sleep(0.1)")) for _ in range(150)]
        for thread in flood:
            thread.start()
        until(lambda: server.metrics()["sandglass_jobs_queued"] > 60, 20, "the flood did not build up: %s", server.metrics())
        began = time.monotonic()
        answer = server.submit({"language": "python", "code": "print('patient')"}, key=other)
        took = time.monotonic() - began
        left = server.metrics()["sandglass_jobs_queued"]
        for thread in flood:
            thread.join()
        need(answer.status == 200 and answer.json["stdout"] == "patient\n", "%s", excerpt(answer))
        need(left > 20, "the flood was over before: %d left", left)
        need(took < 2, "another key waited %.1f s behind a flood", took)
    return "answered in %.2f s with %d of the flood still waiting" % (took, left)


@case("races counters return to zero after errors", "T76", 5)
def counters(context):
    server = context.server
    requests = [
        {"language": "python", "code": "import sys; sys.exit(1)"}, {"language": "c", "code": "nonsense"},
        {"language": "python", "code": "while True: pass", "limits": {"wall_time_ms": 200}},
        {"language": "python", "code": "x = 'x' * (1 << 30)", "limits": {"memory_bytes": 67108864}},
        {"language": "python", "code": "import os; os.kill(os.getpid(), 11)"}, {"language": "nonsense", "code": ""},
        {"language": "python", "code": "print('x' * 1000)", "limits": {"output_bytes": 10}}, {"language": "python"},
        {"language": "bash", "code": "exec /no/such/file"}, {"language": "python", "code": "", "limits": {"processes": 0}},
    ]
    parallel(60, 10, lambda number: server.submit(requests[number % len(requests)]))
    server.wait_idle(10)
    metrics = server.metrics()
    done = sum(metrics["sandglass_jobs_%s_total" % name] for name in ("finished", "failed", "cancelled"))
    need(done == metrics["sandglass_jobs_submitted_total"], "submitted %d, ended %d",
         metrics["sandglass_jobs_submitted_total"], done)
    return "queued, running, waiting all 0; %d submitted, %d ended" % (metrics["sandglass_jobs_submitted_total"], done)
