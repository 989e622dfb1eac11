/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "image/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/util.h"

#define LINE_BYTES_MAX 1024
#define HOLD_FD	       3
#define TICK_MS	       1000

#define EXIT_NOT_STARTED 127 /* as shells have it */

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

static void read_lines(struct line_reader *r, int fd)
{
	char block[4096];

	for (;;) {
		struct pollfd pollfd = {.fd = fd, .events = POLLIN};
		int ready = poll(&pollfd, 1, TICK_MS);
		if (ready == 0 && r->watch->tick)
			r->watch->tick(r->watch->ctx);
		if (ready <= 0)
			continue;
		ssize_t n = read(fd, block, sizeof(block));
		if (n > 0)
			line_feed(r, block, (size_t)n);
		else if (n == 0 || errno != EINTR)
			break;
	}
	line_end(r);
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

/*
 * In the child. Should we be killed, the tool is told to stop as well: a build that nobody waits
 * for would keep the lock. The parent may have died before prctl, hence the second look.
 */
_noreturn_ static void become(char *const *argv, char **env, int out, int hold_fd, pid_t parent)
{
	int in = open("/dev/null", O_RDONLY);

	/* what the tool mounts is gone with it; without the right to this it cannot mount either */
	if (unshare(CLONE_NEWNS) == 0)
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent || in < 0 || dup2(in, STDIN_FILENO) < 0 ||
	    dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0 ||
	    (hold_fd >= 0 && dup2(hold_fd, HOLD_FD) < 0))
		_exit(EXIT_NOT_STARTED);
	environ = env;
	execvp(argv[0], argv);
	dprintf(STDERR_FILENO, "cannot run %s: %s; run tools/setup, or install it.\n", argv[0],
		strerror(errno));
	_exit(EXIT_NOT_STARTED);
}

static pid_t spawn(char *const *argv, int out, int hold_fd)
{
	_free_ char **env = tool_environment();
	pid_t parent = getpid(), pid = env ? fork() : -1;

	if (pid == 0)
		become(argv, env, out, hold_fd, parent);
	return pid;
}

static int explain(struct err *err, const char *tool, int status, const char *reason)
{
	if (WIFSIGNALED(status))
		return err_field(err, ERR_IMAGE, tool, "%s was ended by signal %d.", tool,
				 WTERMSIG(status));
	return err_field(err, ERR_IMAGE, tool, "%s failed with status %d: %s", tool,
			 WEXITSTATUS(status), reason[0] ? reason : "it said nothing.");
}

int tool_run(char *const *argv, int hold_fd, const struct tool_watch *watch, struct err *err)
{
	struct line_reader reader = {.watch = watch};
	int ends[2], status = 0;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_set(err, ERR_IO, "Cannot make a pipe: %s.", strerror(errno));
	pid_t pid = spawn(argv, ends[1], hold_fd);
	fd_close(ends[1]);
	if (pid > 0)
		read_lines(&reader, ends[0]);
	fd_close(ends[0]);
	if (pid < 0)
		return err_set(err, ERR_IO, "Cannot start a process: %s.", strerror(errno));
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status == 0 ? 0 : explain(err, argv[0], status, reader.reason);
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
