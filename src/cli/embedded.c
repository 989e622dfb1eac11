/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "cli/embedded.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"

/* After fork: only what is safe then. The server's end keeps its number and loses O_CLOEXEC. */
static _noreturn_ void become_server(const char *program, char **argv, int fd, pid_t parent)
{
	/* If we are killed it sees the closed socket as well; this covers the time before it looks.
	 */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	signal(SIGPIPE, SIG_DFL);
	if (getppid() == parent && fcntl(fd, F_SETFD, 0) == 0)
		execv(program, argv);
	_exit(127);
}

static int spawn(struct embedded *embedded, const char *program, char **argv, int server_end)
{
	pid_t parent = getpid();

	/* Only what goes wrong is for the user's terminal; an operator's own choice of level stays.
	 */
	setenv("SANDGLASS_LOG_LEVEL", "error", 0);
	embedded->pid = fork();
	if (embedded->pid == 0)
		become_server(program, argv, server_end, parent);
	return embedded->pid < 0 ? -1 : 0;
}

static int start(struct embedded *embedded, const struct settings *settings, const char *program,
		 struct err *err)
{
	char number[16];
	const char *more[] = {"--embedded", number};
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_set(err, ERR_IO, "Making a socket failed: %s.", strerror(errno));
	snprintf(number, sizeof(number), "%d", pair[1]);
	_free_ char **argv = settings_argv(settings, program, more, ARRAY_LEN(more));
	int rc = argv ? spawn(embedded, program, argv, pair[1]) : -1;
	fd_close(pair[1]);
	embedded->fd = pair[0];
	return rc == 0 ? 0
		       : err_set(err, ERR_IO, "Starting %s failed: %s.", program, strerror(errno));
}

int embedded_start(struct embedded *embedded, const struct settings *settings, struct err *err)
{
	struct config config;
	char program[4096];

	*embedded = (struct embedded){.fd = -1};
	int rc = settings_load(settings, &config, err);
	if (rc < 0)
		return rc;
	snprintf(program, sizeof(program), "%s/sandglassd", config.libexec_dir);
	config_finish(&config);
	if (access(program, X_OK) < 0)
		return err_set(
		    err, ERR_CONFIG,
		    "There is no %s to run code on this machine; name a server with --server URL"
		    " or set libexec_dir.",
		    program);
	return start(embedded, settings, program, err);
}

int embedded_stop(struct embedded *embedded)
{
	int status = 0;

	embedded->fd = fd_close(embedded->fd);
	if (embedded->pid <= 0)
		return 0;
	while (waitpid(embedded->pid, &status, 0) < 0 && errno == EINTR)
		;
	embedded->pid = 0;
	return status;
}
