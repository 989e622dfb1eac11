/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "image/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/util.h"
#include "image/keeper.h"

#define LINE_BYTES_MAX 1024
#define TICK_MS	       1000
#define GRACE_MS       3000

extern char **environ;

/* Cut into lines as it comes; a line that is too long is told in pieces. */
struct line_reader {
	const struct tool_watch *watch;
	char line[LINE_BYTES_MAX];
	char reason[200]; /* the first line that apt and mmdebstrap mark as an error, or the last
			     one */
	bool marked;
	size_t len;
};

/* A tool at work. */
struct running {
	pid_t keeper;
	int out, signals; /* the descriptor that tells of signals that would end us */
	bool interrupted;
	uint64_t kill_at_ns; /* once it is */
};

static void line_end(struct line_reader *r)
{
	if (r->len == 0)
		return;
	r->line[r->len] = '\0';
	r->len = 0;
	bool marks = strncmp(r->line, "E: ", 3) == 0;
	if (!r->marked)
		snprintf(r->reason, sizeof(r->reason), "%.*s", (int)sizeof(r->reason) - 1,
			 r->line + (marks ? 3 : 0));
	r->marked |= marks;
	r->watch->line(r->watch->ctx, r->line);
}

static void line_feed(struct line_reader *r, const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (data[i] == '\n' || data[i] == '\r' || r->len == sizeof(r->line) - 1)
			line_end(r);
		if (data[i] != '\n' && data[i] != '\r')
			r->line[r->len++] = data[i];
	}
}

/* Messages that we look for must not be translated; everything else (proxies) is the caller's. */
static char **tool_environment(void)
{
	static char *const own[] = {
	    "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive",
	    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
	size_t count = 0, n = ARRAY_LEN(own);

	while (environ[count])
		count++;
	char **env = calloc(count + n + 1, sizeof(*env));
	if (!env)
		return NULL;
	memcpy(env, own, sizeof(own));
	for (size_t i = 0; i < count; i++)
		if (strncmp(environ[i], "LC_", 3) != 0 && strncmp(environ[i], "LANG", 4) != 0 &&
		    strncmp(environ[i], "PATH=", 5) != 0)
			env[n++] = environ[i];
	return env;
}

/* --- interruption --- */

/* Those that would end this process: not what it was told to ignore, as nohup does. */
static void ending_signals(sigset_t *ret_signals)
{
	static const int all[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction now;

	sigemptyset(ret_signals);
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (sigaction(all[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			sigaddset(ret_signals, all[i]);
}

/* When such a signal comes the tool has some time to tidy up behind itself. */
static void interrupt(struct running *run)
{
	run->interrupted = true;
	run->kill_at_ns = clock_now_ns() + GRACE_MS * NS_PER_MS;
	kill(run->keeper, SIGTERM);
}

/* Whether there may be more. A signal is only looked at: it stays pending. */
static bool read_some(struct running *run, struct line_reader *r)
{
	struct pollfd fds[] = {{.fd = run->out, .events = POLLIN},
			       {.fd = run->interrupted ? -1 : run->signals, .events = POLLIN}};
	char block[4096];

	int ready = poll(fds, ARRAY_LEN(fds), TICK_MS);
	if (ready == 0 && r->watch->tick)
		r->watch->tick(r->watch->ctx);
	if (ready <= 0)
		return true;
	if (fds[1].revents)
		interrupt(run);
	if (!fds[0].revents)
		return true;
	ssize_t n = read(run->out, block, sizeof(block));
	if (n > 0)
		line_feed(r, block, (size_t)n);
	return n > 0 || (n < 0 && errno == EINTR);
}

static void read_lines(struct running *run, struct line_reader *r)
{
	while (read_some(run, r))
		if (run->interrupted && clock_now_ns() > run->kill_at_ns) {
			kill(run->keeper, SIGKILL);
			break;
		}
	line_end(r);
}

static int explain(struct err *err, const char *tool, int code, const char *reason)
{
	if (code > KEEPER_BY_SIGNAL)
		return err_field(err, ERR_IMAGE, tool, "%s was ended by signal %d.", tool,
				 code - KEEPER_BY_SIGNAL);
	return err_field(err, ERR_IMAGE, tool, "%s failed with status %d: %s", tool, code,
			 reason[0] ? reason : "it said nothing.");
}

/* Its exit code, or as a shell has it. */
static int finish(struct running *run, struct line_reader *reader)
{
	int status = 0;

	read_lines(run, reader);
	while (waitpid(run->keeper, &status, 0) < 0 && errno == EINTR)
		;
	return WIFSIGNALED(status) ? KEEPER_BY_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

static int start(struct running *run, char *const *argv, int hold_fd)
{
	_free_ char **env = tool_environment();
	int ends[2] = {-1, -1};

	run->keeper = -1;
	if (env && pipe2(ends, O_CLOEXEC) == 0)
		run->keeper =
		    keeper_start(&(struct keeper_tool){argv, env, ends[1], ends[0], hold_fd});
	run->out = ends[0];
	fd_close(ends[1]);
	return run->keeper < 0 ? -1 : 0;
}

/* With the signals held back. If one has come it takes effect when they no longer are: mostly that
 * is the end of us. */
static int run_held(const sigset_t *signals, char *const *argv, int hold_fd,
		    const struct tool_watch *watch, struct err *err)
{
	_close_ int signal_fd = signalfd(-1, signals, SFD_CLOEXEC);
	struct running run = {.signals = signal_fd};
	struct line_reader reader = {.watch = watch};

	if (start(&run, argv, hold_fd) < 0) {
		fd_close(run.out);
		return err_set(err, ERR_IO, "Cannot start a process: %s.", strerror(errno));
	}
	int code = finish(&run, &reader);
	fd_close(run.out);
	return code == 0 ? 0 : explain(err, argv[0], code, reader.reason);
}

int tool_run(char *const *argv, int hold_fd, const struct tool_watch *watch, struct err *err)
{
	sigset_t signals, before;

	ending_signals(&signals);
	sigprocmask(SIG_BLOCK, &signals, &before);
	int rc = run_held(&signals, argv, hold_fd, watch, err);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return rc;
}

static void keep_line(void *ctx, const char *line)
{
	buf_printf(ctx, "%s\n", line);
}

int tool_capture(char *const *argv, struct buf *out, struct err *err)
{
	const struct tool_watch watch = {.line = keep_line, .ctx = out};

	return tool_run(argv, -1, &watch, err);
}
