/* SPDX-License-Identifier: Apache-2.0 */
/* The spawner and its jails, alone: the test is parent and front. Arguments: the spawner. */
#define _GNU_SOURCE
#include "tests/unit/unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/err.h"
#include "tests/unit/sandbox/rig.h"

#define MS NS_PER_MS

static const char *spawner_path;
static struct rig rig;
static struct rig_result result;

static void run_bash(const char *text, struct run_limits limits)
{
	const char *const argv[] = {"/bin/bash", "main.sh", NULL};
	const char *const files[] = {"main.sh", text, "deep/er/file", "content", NULL};
	struct rig_program program = {.argv = argv, .files = files, .stage = STAGE_RUN, .artefact_fd = -1,
	                              .limits = limits};

	rig_run(&rig, &program, &result);
	if (result.failed)
		fail_msg("refused: code %u step %u errno %u %s", result.failure.code, result.failure.step,
		         result.failure.saved_errno, result.failure.text);
}

/* out: what stdout holds, anywhere; "" anything. A code of -1: any; a signal counts from 1000. */
enum need { ANY, CGROUP };
struct shell_case {
	enum need need; /* CGROUP: only where the test is root */
	const char *name, *text;
	struct run_limits limits;
	enum run_end end;
	int code;
	const char *out;
};

static const struct shell_case shell_cases[] = {
    {ANY, "streams and exit code", "echo hello; echo trouble >&2; exit 3", {0}, RUN_EXITED, 3, "hello\n"},
    {ANY, "cwd", "pwd; cat deep/er/file", {0}, RUN_EXITED, 0, "/work\ncontent"},
    {ANY, "umask and home", "umask; echo $HOME", {0}, RUN_EXITED, 0, "0022\n/home\n"},
    {ANY, "only three descriptors", "ls /proc/self/fd | tr '\\n' ' '", {0}, RUN_EXITED, 0, "0 1 2 3 "},
    {ANY, "a user of its own", "id -un; id -Gn", {0}, RUN_EXITED, 0, "sandbox\nsandbox\n"},
    {ANY, "no rights", "grep -cE 'Cap(Inh|Prm|Eff|Bnd|Amb):\t0000000000000000|NoNewPrivs:\t1|Seccomp:\t2' /proc/self/status",
     {0}, RUN_EXITED, 0, "7\n"},
    {ANY, "host name", "cat /proc/sys/kernel/hostname /etc/hostname 2>/dev/null", {0}, RUN_EXITED, 0, "sandbox\n"},
    {ANY, "pid 1 is not visible", "ls -d /proc/1 2>&1; echo $$", {0}, RUN_EXITED, 0, "2\n"},
    {ANY, "no signal reaches pid 1", "kill -9 1 || echo refused", {0}, RUN_EXITED, 0, "refused\n"},
    {ANY, "only lo", "tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '", {0}, RUN_EXITED, 0, "lo\n"},
    {ANY, "no /sys, no host", "ls /sys /root /var 2>/dev/null | grep -c . || true", {0}, RUN_EXITED, 0, ""},
    {ANY, "masks", "cat /proc/keys /proc/interrupts /proc/cmdline | wc -c; ls /proc/fs /proc/bus | grep -c . || true; "
              "echo x 2>/dev/null >/proc/sys/kernel/hostname || echo ro",
     {0}, RUN_EXITED, 0, "ro\n"},
    {ANY, "read-only image", "touch /usr/x 2>/dev/null || echo ro; touch /dev/x 2>/dev/null || echo ro", {0}, RUN_EXITED, 0,
     "ro\nro\n"},
    {ANY, "writable directories", "for d in /work /tmp /home /dev/shm; do echo x >$d/x && cat $d/x; done", {0}, RUN_EXITED, 0,
     "x\nx\nx\nx\n"},
    {ANY, "empty at the start", "ls -A /tmp /home /dev/shm; ls -A /work", {0}, RUN_EXITED, 0, "deep\nmain.sh\n"},
    {ANY, "programs of its own run", "cp /bin/true t && ./t && cp /bin/true /tmp/t && /tmp/t && echo ran", {0}, RUN_EXITED, 0,
     "ran\n"},
    {ANY, "symbolic links are not followed", "ln -s /etc/passwd l; cat l 2>/dev/null || echo not", {0}, RUN_EXITED, 0, "not\n"},
    {ANY, "standard streams by name", "echo out >/dev/stdout; echo err >/dev/stderr", {0}, RUN_EXITED, 0, "out\n"},
    {ANY, "devices", "head -c 4 /dev/zero | wc -c; head -c 4 /dev/urandom | wc -c; echo x >/dev/null; "
                "echo x 2>/dev/null >/dev/full || echo full", {0}, RUN_EXITED, 0, "4\n4\nfull\n"},
    {ANY, "killed by itself", "kill -9 $$", {0}, RUN_SIGNALED, 1000 + SIGKILL, ""},
    {ANY, "segmentation fault", "kill -SEGV $$", {0}, RUN_SIGNALED, 1000 + SIGSEGV, ""},
    {ANY, "what is left behind dies", "setsid sh -c 'trap \"\" TERM HUP; sleep 100' & (sleep 100 &) ; echo done", {0}, RUN_EXITED, 0,
     "done\n"},
    {ANY, "orphans are reaped", "for i in 1 2 3 4 5; do (sleep 0 &); done; sleep 0.1; ls -d /proc/[0-9]* | wc -l", {0}, RUN_EXITED, 0, ""},
    {ANY, "wall time", "echo partial; sleep 20", {.wall_ns = 200 * MS}, RUN_WALL_LIMIT, -1, "partial\n"},
    {CGROUP, "CPU time of one", "while :; do :; done", {.cpu_ns = 200 * MS}, RUN_CPU_LIMIT, -1, ""},
    {CGROUP, "CPU time of many", "for i in 1 2 3 4; do while :; do :; done & done; wait",
     {.cpu_ns = 200 * MS, .cpu_milli = 2000}, RUN_CPU_LIMIT, -1, ""},
    {ANY, "SIGSTOP does not stop the clock", "kill -STOP $$", {.wall_ns = 200 * MS}, RUN_WALL_LIMIT, -1, ""},
    {CGROUP, "memory", "x=$(head -c 200000000 /dev/zero | tr '\\0' x); echo survived", {.memory_bytes = 64 * MIB}, RUN_MEMORY_LIMIT, -1, ""},
    {CGROUP, "memory of files", "head -c 60000000 /dev/zero >/tmp/x; echo survived",
     {.memory_bytes = 32 * MIB}, RUN_MEMORY_LIMIT, -1, ""},
    {CGROUP, "little memory is enough", "echo little", {.memory_bytes = 4 * MIB}, RUN_EXITED, 0, "little\n"},
    {ANY, "disk at the limit", "head -c 983040 /dev/zero >x && echo fits", {.disk_bytes = MIB}, RUN_EXITED, 0, "fits\n"},
    {ANY, "disk past the limit", "head -c 1048576 /dev/zero >x || echo full", {.disk_bytes = MIB}, RUN_EXITED, 0, "full\n"},
    {ANY, "one sum for all directories", "head -c 600000 /dev/zero >/tmp/x && ! head -c 600000 /dev/zero >/dev/shm/x && echo full",
     {.disk_bytes = MIB}, RUN_EXITED, 0, "full\n"},
    {ANY, "inodes", "i=0; while [ $i -lt 3000 ]; do : >$i || break; i=$((i+1)); done; [ $i -lt 3000 ] && echo bounded",
     {.disk_bytes = MIB}, RUN_EXITED, 0, "bounded\n"},
    {ANY, "processes at the limit", "for i in 1 2 3; do sleep 0.2 & done; wait; echo all", {.processes = 4}, RUN_EXITED, 0, "all\n"},
    {ANY, "a single process", "echo alone", {.processes = 1}, RUN_EXITED, 0, "alone\n"},
    {ANY, "open files", "ulimit -n; ulimit -Hn", {.open_files = 17}, RUN_EXITED, 0, "17\n17\n"},
    {ANY, "core files", "ulimit -c; ulimit -Hc", {0}, RUN_EXITED, 0, "0\n0\n"},
    {ANY, "a new namespace", "unshare -U true 2>/dev/null || echo refused", {0}, RUN_EXITED, 0, "refused\n"},
};

static void test_shell_cases(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_LEN(shell_cases); i++) {
		const struct shell_case *c = &shell_cases[i];
		if (c->need == CGROUP && geteuid() != 0)
			continue;
		run_bash(c->text, c->limits);
		int code = result.done.end == RUN_EXITED     ? (int)result.done.exit_code
		           : result.done.end == RUN_SIGNALED ? 1000 + (int)result.done.signal
		                                             : -1;
		if (result.done.end != c->end || (c->code != -1 && c->code != code) || !strstr(result.out, c->out))
			fail_msg("%s: end %u code %d failed step %u errno %u\nout: %s\nerr: %s", c->name,
			         result.done.end, code, result.done.failed_step, result.done.failed_errno,
			         result.out, result.err);
		assert_int_equal(result.done.started, 1);
	}
}

static void test_measures(void **state _unused_)
{
	run_bash("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; sleep 0.1", (struct run_limits){0});
	assert_in_range(result.done.wall_ns, 100 * MS, 5000 * MS);
	assert_in_range(result.done.cpu_ns, MS, result.done.wall_ns);
	assert_in_range(result.done.memory_peak_bytes, 256 * KIB, 64 * MIB);
	assert_int_equal(result.done.disk_full, 0);
	assert_int_equal(result.done.processes_hit, 0);
	run_bash("head -c 2000000 /dev/zero >x; for i in 1 2 3 4; do sleep 0.2 & done; wait",
	         (struct run_limits){.processes = 4, .disk_bytes = MIB});
	assert_int_equal(result.done.disk_full, 1);
	assert_true(result.done.processes_hit > 0);
}

static void test_limits_are_kept_in_time(void **state _unused_)
{
	run_bash("sleep 20", (struct run_limits){.wall_ns = 300 * MS});
	assert_in_range(result.done.wall_ns, 300 * MS, 2000 * MS);
	run_bash("while :; do :; done", (struct run_limits){.cpu_ns = 300 * MS});
	assert_in_range(result.done.cpu_ns, 300 * MS, 1000 * MS); /* with CI as busy as it may be */
}

static void test_kill(void **state _unused_)
{
	const char *const argv[] = {"/bin/sleep", "20", NULL};
	struct rig_program program = {.argv = argv, .stage = STAGE_RUN, .artefact_fd = -1, .kill_after_ms = 100};

	rig_run(&rig, &program, &result);
	assert_false(result.failed);
	assert_int_equal(result.done.end, RUN_KILLED);
	assert_int_equal(result.done.kill_reason, KILL_OUTPUT_LIMIT);
}

static void test_input(void **state _unused_)
{
	const char *const argv[] = {"/bin/cat", NULL};
	struct rig_program program = {.argv = argv, .stage = STAGE_RUN, .artefact_fd = -1, .input = "through"};

	rig_run(&rig, &program, &result);
	assert_string_equal(result.out, "through");
}

/* --- what cannot be executed --- */

static void run_argv(const char *path, const char *const *files)
{
	const char *const argv[] = {path, NULL};
	struct rig_program program = {.argv = argv, .files = files, .stage = STAGE_RUN, .artefact_fd = -1};

	rig_run(&rig, &program, &result);
}

static void test_cannot_execute(void **state _unused_)
{
	static const char *const text[] = {"main", "no program", NULL};

	run_argv("/nowhere/x", NULL);
	assert_int_equal(result.done.exit_code, 127);
	assert_int_equal(result.done.started, 0);
	assert_int_equal(result.done.failed_errno, ENOENT);
	assert_string_equal(result.err, "sandglass: cannot execute x: No such file or directory\n");
	run_argv("/work/main", text);
	assert_int_equal(result.done.exit_code, 126);
	assert_int_equal(result.done.failed_errno, EACCES);
}

static void test_refused_files(void **state _unused_)
{
	static const char *const names[] = {"/etc/x", "../x", "a/../../x", "", ".", "a//b", "a/", "./a", "a/."};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *const files[] = {names[i], "text", NULL};
		run_argv("/bin/true", files);
		assert_int_equal(result.done.failed_errno, EBADMSG);
		assert_int_equal(result.done.exit_code, 126);
	}
	const char *const twice[] = {"a", "1", "a", "2", NULL};
	run_argv("/bin/true", twice);
	assert_int_equal(result.done.failed_errno, EEXIST);
	const char *const below[] = {"a", "1", "a/b", "2", NULL};
	run_argv("/bin/true", below);
	assert_int_equal(result.done.failed_errno, ENOTDIR);
}

static void test_files_that_do_not_fit(void **state _unused_)
{
	static char big[200000];
	const char *const argv[] = {"/bin/true", NULL};
	const char *const files[] = {"big", big, NULL};
	struct rig_program program = {.argv = argv, .files = files, .stage = STAGE_RUN, .artefact_fd = -1,
	                              .limits = {.disk_bytes = 65536}};

	memset(big, 'x', sizeof(big) - 1);
	rig_run(&rig, &program, &result);
	assert_int_equal(result.done.failed_errno, ENOSPC);
	assert_int_equal(result.done.disk_full, 1);
	assert_int_equal(result.done.started, 0);
}

/* --- compiling --- */

static int compile(const char *script, uint64_t artefact_bytes)
{
	const char *const argv[] = {"/bin/bash", "cc.sh", NULL};
	const char *const files[] = {"cc.sh", script, "main.c",
	                             "#include <stdio.h>\nint main(void){puts(\"compiled\");return 7;}\n", NULL};
	int fd = memfd_create("artefact", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct rig_program program = {.argv = argv, .files = files, .artefact = "main", .stage = STAGE_COMPILE,
	                              .artefact_fd = fd, .limits = {.artefact_bytes = artefact_bytes}};

	rig_run(&rig, &program, &result);
	assert_false(result.failed);
	return fd;
}

static void test_compile_and_run(void **state _unused_)
{
	const char *const argv[] = {"/work/main", NULL};
	_close_ int fd = compile("gcc -o main main.c", 0);
	struct rig_program program = {.argv = argv, .artefact = "main", .stage = STAGE_RUN, .artefact_fd = fd};

	assert_int_equal(result.done.exit_code, 0);
	assert_int_equal(result.done.artefact, 1);
	assert_int_equal(fd_seal(fd), 0);
	rig_run(&rig, &program, &result);
	assert_string_equal(result.out, "compiled\n");
	assert_int_equal(result.done.exit_code, 7);
}

static void test_hostile_artefacts(void **state _unused_)
{
	static const struct {
		const char *script;
		int failed_errno;
	} cases[] = {
	    {"ln -s /etc/passwd main", ELOOP},
	    {"ln -s /proc/self/fd/0 main", ELOOP},
	    {"mkfifo main", EINVAL},
	    {"mkdir main", EINVAL},
	    {"true", ENOENT},
	    {"head -c 70000 /dev/zero >main", EFBIG},
	    {"truncate -s 8G main || truncate -s 60M main", EFBIG},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		_close_ int fd _unused_ = compile(cases[i].script, 65536);
		assert_int_equal(result.done.artefact, 0);
		assert_int_equal(result.done.failed_errno, cases[i].failed_errno);
	}
}

/* A file and a link to a file of the image change places while the artefact is fetched. */
static void test_artefact_race(void **state _unused_)
{
	char text[64];

	for (int i = 0; i < 10; i++) {
		_close_ int fd = compile("trap '' TERM; (while :; do ln -sf /etc/passwd x; mv -T x main; echo ok >y; "
		                         "mv -T y main; done) & sleep 0.05", 65536);
		ssize_t n = pread(fd, text, sizeof(text), 0);
		assert_true(result.done.artefact ? n == 3 && memcmp(text, "ok\n", 3) == 0 : n == 0);
	}
}

static void test_compiler_ends(void **state _unused_)
{
	fd_close(compile("echo x >main; exit 5", 0));
	assert_int_equal(result.done.exit_code, 5);
	assert_int_equal(result.done.artefact, 0);
	fd_close(compile("echo x >main; kill -SEGV $$", 0));
	assert_int_equal(result.done.end, RUN_SIGNALED);
	assert_int_equal(result.done.signal, SIGSEGV);
	/* a compiler that kills the launcher is a compile that was killed, and no artefact */
	fd_close(compile("echo x >main; kill -9 -1", 0));
	assert_int_equal(result.done.artefact, 0);
	/* what it leaves behind dies, and cannot hold the streams open */
	fd_close(compile("echo x >main; (trap '' TERM; sleep 100) & exit 0", 0));
	assert_int_equal(result.done.artefact, 1);
}

/* --- a front that sends nonsense --- */

static void send_raw(struct msg_run run, int payload_fd)
{
	_close_ int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	int fds[4] = {payload_fd < 0 ? null_fd : payload_fd, null_fd, null_fd, null_fd};

	message_send(rig.front_fd, MSG_SPAWNER_RUN, &run, fds, 4);
	memset(&result.done, 0, sizeof(result.done));
	memset(&result.failure, 0, sizeof(result.failure));
	rig_wait(&rig, run.job, &result);
}

static struct msg_run good_run(void)
{
	return (struct msg_run){.job = rig.next_job++, .stage = STAGE_RUN,
	                        .limits = {NS_PER_SEC, NS_PER_SEC, 64 * MIB, MIB, MIB, 8, 64, 1000}};
}

static void test_nonsense_runs(void **state _unused_)
{
	struct msg_run cases[12];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		cases[i] = good_run();
	cases[0].image = 1;
	cases[1].image = 0xffffffff;
	cases[2].stage = 2;
	cases[3].stage = STAGE_COMPILE; /* without a descriptor for the artefact */
	cases[4].limits.wall_ns = 0;
	cases[5].limits.wall_ns = UINT64_MAX;
	cases[6].limits.cpu_ns = 0;
	cases[7].limits.memory_bytes = rig.config.memory_bytes_max + 1;
	cases[8].limits.disk_bytes = UINT64_MAX;
	cases[9].limits.processes = 0;
	cases[10].limits.open_files = 4097;
	cases[11].limits.cpu_milli = 0;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		send_raw(cases[i], -1);
		assert_true(result.failed);
		assert_int_equal(result.failure.code, ERR_PROTOCOL);
	}
}

static void test_nonsense_payloads(void **state _unused_)
{
	static const char junk[4096] = "SgP1";
	_close_ int open_fd = memfd_create("unsealed", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	_close_ int junk_fd = fd_sealed_copy("junk", junk, sizeof(junk));
	_close_ int short_fd = fd_sealed_copy("short", junk, 3);

	send_raw(good_run(), -1); /* not a memfd at all */
	assert_int_equal(result.done.failed_errno, EPERM);
	send_raw(good_run(), open_fd);
	assert_int_equal(result.done.failed_errno, EPERM);
	send_raw(good_run(), junk_fd);
	assert_int_equal(result.done.failed_errno, EBADMSG);
	send_raw(good_run(), short_fd);
	assert_int_equal(result.done.failed_errno, EBADMSG);
	assert_int_equal(result.done.started, 0);
	assert_int_equal(result.done.exit_code, 126);
}

/* --- life and death --- */

static unsigned count_entries(const char *path)
{
	DIR *dir = opendir(path);
	unsigned count = 0;

	while (dir && readdir(dir))
		count++;
	if (dir)
		closedir(dir);
	return count;
}

static unsigned open_fds(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	return count_entries(path);
}

static unsigned children_of(pid_t pid)
{
	char path[64], text[4096];
	unsigned count = 0;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd_read_all(fd, text, sizeof(text) - 1);
	for (ssize_t i = 0; i < n; i++)
		count += text[i] == ' ';
	return count;
}

static unsigned mounts_of(pid_t pid)
{
	char path[64], line[1024];
	unsigned count = 0;

	snprintf(path, sizeof(path), "/proc/%d/mountinfo", (int)pid);
	FILE *file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		count++;
	if (file)
		fclose(file);
	return count;
}

/* Waits until as many slots are ready as were at the start, and nothing else lives. */
static bool settles(unsigned children, unsigned fds)
{
	for (int i = 0; i < 500; i++) {
		if (children_of(rig.spawner) == children && open_fds(rig.spawner) == fds)
			return true;
		usleep(10000);
	}
	fprintf(stderr, "children %u (%u) fds %u (%u)\n", children_of(rig.spawner), children, open_fds(rig.spawner), fds);
	return false;
}

static void test_nothing_is_left(void **state _unused_)
{
	usleep(300000);
	unsigned children = children_of(rig.spawner), fds = open_fds(rig.spawner);

	assert_int_equal(children, rig.config.slots_ready);
	for (int i = 0; i < 50; i++) {
		run_bash("(sleep 50 &) ; echo x >/tmp/x", (struct run_limits){.wall_ns = (i % 3 ? 1000 : 5) * MS});
	}
	assert_true(settles(children, fds));
}

/* Runs the program so often, with so many in flight, and checks that each one succeeds. */
static void run_many(const char *const *argv, unsigned count, unsigned at_once)
{
	struct rig_program program = {.argv = argv, .stage = STAGE_RUN, .artefact_fd = -1};
	_close_ int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	unsigned sent = 0, done = 0;

	while (done < count) {
		_Alignas(8) char body[MESSAGE_BODY_MAX];
		struct message message;
		for (; sent < count && sent - done < at_once; sent++)
			rig_send(&rig, &program, (int[3]){null_fd, null_fd, null_fd});
		assert_int_equal(message_receive(rig.front_fd, ROLE_FRONT, ROLE_SPAWNER, &message, body, sizeof(body)), 0);
		if (message.type == MSG_FRONT_RUN_FAILED)
			fail_msg("run %u: %s", done, ((struct msg_run_failed *)body)->text);
		if (message.type == MSG_FRONT_RUN_DONE) {
			assert_int_equal(((struct msg_run_done *)body)->exit_code, 0);
			done++;
		}
	}
}

static void test_many_at_once(void **state _unused_)
{
	static const char *const argv[] = {"/bin/sleep", "0.1", NULL};

	run_many(argv, 16, 16);
}

/* SANDGLASS_SOAK_RUNS=10000 for the real thing */
static void test_soak(void **state _unused_)
{
	static const char *const argv[] = {"/bin/true", NULL};
	const char *wish = getenv("SANDGLASS_SOAK_RUNS");
	unsigned count = wish ? (unsigned)atoi(wish) : 100;

	usleep(300000);
	unsigned children = children_of(rig.spawner), fds = open_fds(rig.spawner), mounts = mounts_of(rig.spawner);
	uint64_t start_ns = clock_now_ns();
	run_many(argv, count, 8);
	print_message("%u runs, %.0f a second\n", count, count * 1e9 / (double)(clock_now_ns() - start_ns));
	assert_true(settles(children, fds));
	assert_int_equal(mounts_of(rig.spawner), mounts);
}

static void test_new_front(void **state _unused_)
{
	const char *const argv[] = {"/bin/sleep", "100", NULL};
	struct rig_program program = {.argv = argv, .stage = STAGE_RUN, .artefact_fd = -1};
	int out[2];

	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	rig_send(&rig, &program, (int[3]){out[0], out[1], out[1]});
	close(out[1]);
	rig_reconnect(&rig);
	char byte;
	assert_int_equal(read(out[0], &byte, 1), 0); /* the sleeper is dead: nobody has the pipe open */
	close(out[0]);
	run_bash("echo again", (struct run_limits){0});
	assert_string_equal(result.out, "again\n");
}

static void test_spawner_killed(void **state _unused_)
{
	const char *const argv[] = {"/bin/sleep", "100", NULL};
	struct rig_program program = {.argv = argv, .stage = STAGE_RUN, .artefact_fd = -1};
	int out[2], status;
	char byte;

	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	rig_send(&rig, &program, (int[3]){out[0], out[1], out[1]});
	close(out[1]);
	usleep(100000);
	kill(rig.spawner, SIGKILL);
	waitpid(rig.spawner, &status, 0);
	assert_int_equal(read(out[0], &byte, 1), 0);
	close(out[0]);
	close(rig.front_fd);
	close(rig.parent_fd);
	/* the next one clears the directories that the dead one left */
	rig_start(&rig, spawner_path, &rig.config);
	run_bash("echo restarted", (struct run_limits){0});
	assert_string_equal(result.out, "restarted\n");
}

static void test_drain(void **state _unused_)
{
	const char *const argv[] = {"/bin/sleep", "0.3", NULL};
	struct rig_program program = {.argv = argv, .stage = STAGE_RUN, .artefact_fd = -1};
	_close_ int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct msg_empty nothing = {0};
	int status;

	uint64_t running = rig_send(&rig, &program, (int[3]){null_fd, null_fd, null_fd});
	usleep(50000);
	message_send(rig.parent_fd, MSG_ANY_DRAIN, &nothing, NULL, 0);
	usleep(50000);
	uint64_t late = rig_send(&rig, &program, (int[3]){null_fd, null_fd, null_fd});
	rig_wait(&rig, late, &result);
	assert_int_equal(result.failure.code, ERR_DRAINING);
	rig_wait(&rig, running, &result);
	assert_int_equal(result.done.exit_code, 0);
	assert_int_equal(waitpid(rig.spawner, &status, 0), rig.spawner);
	assert_int_equal(status, 0);
	close(rig.front_fd);
	close(rig.parent_fd);
	rig_start(&rig, spawner_path, &rig.config);
}

#define NOBODY 65534

/* Becomes an ordinary user, who may make jails if the kernel lets him have user namespaces. */
static bool become_ordinary(void)
{
	if (geteuid() == 0 && (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
	                       setresuid(NOBODY, NOBODY, NOBODY) < 0))
		return false;
	pid_t pid = fork();
	if (pid == 0)
		_exit(access(spawner_path, X_OK) < 0 || unshare(CLONE_NEWUSER) < 0);
	int status;
	return waitpid(pid, &status, 0) == pid && status == 0;
}

/* usage: SPAWNER [rootless] */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_shell_cases),
	    cmocka_unit_test(test_input),
	    cmocka_unit_test(test_kill),
	    cmocka_unit_test(test_cannot_execute),
	    cmocka_unit_test(test_refused_files),
	    cmocka_unit_test(test_files_that_do_not_fit),
	    cmocka_unit_test(test_compile_and_run),
	    cmocka_unit_test(test_hostile_artefacts),
	    cmocka_unit_test(test_artefact_race),
	    cmocka_unit_test(test_compiler_ends),
	    cmocka_unit_test(test_nonsense_runs),
	    cmocka_unit_test(test_nonsense_payloads),
	    cmocka_unit_test(test_many_at_once),
	    cmocka_unit_test(test_nothing_is_left),
	    cmocka_unit_test(test_soak),
	    cmocka_unit_test(test_new_front),
	    cmocka_unit_test(test_spawner_killed),
	    cmocka_unit_test(test_drain),
	};
	const struct CMUnitTest root_tests[] = {
	    cmocka_unit_test(test_measures),
	    cmocka_unit_test(test_limits_are_kept_in_time),
	};
	bool rootless = argc == 3;
	struct msg_spawner_config config;

	if (argc < 2)
		return 2;
	spawner_path = argv[1];
	if (rootless ? !become_ordinary() : geteuid() != 0) {
		fprintf(stderr, "skipped: %s\n", rootless ? "an ordinary user may not make jails here"
		                                         : "jails with user ids of their own need root");
		return 77;
	}
	rig_config_default(&config);
	rig_start(&rig, spawner_path, &config);
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	if (!rootless)
		rc += cmocka_run_group_tests(root_tests, NULL, NULL);
	rig_stop(&rig);
	return rc;
}
