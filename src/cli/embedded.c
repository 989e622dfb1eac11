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
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"

#define PROGRAM_BYTES 4096
#define NUMBER_BYTES  16

/*
 * An abstract socket can be connected to by anybody on this machine: only the process we came
 * from counts.
 */
static int accept_from(int listener, pid_t parent)
{
	for (;;) {
		struct ucred peer = {0};
		socklen_t len = sizeof(peer);
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0 && errno != EINTR && errno != ECONNABORTED)
			return -1;
		if (fd >= 0 && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
		    peer.pid == parent)
			return fd;
		fd_close(fd);
	}
}

/* number is an element of argv: the descriptor's is known only now. */
static _noreturn_ void become_server(const char *program, char **argv,
				     char number[static NUMBER_BYTES], int listener, pid_t parent)
{
	/* A terminal's Ctrl-C is for us: the server ends in its own time once we are gone. */
	setpgid(0, 0);
	/*
	 * If we are killed it sees the closed connection as well; this covers the time before
	 * it looks.
	 */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	signal(SIGPIPE, SIG_DFL);
	int fd = getppid() == parent ? accept_from(listener, parent) : -1;
	if (fd >= 0 && fcntl(fd, F_SETFD, 0) == 0) {
		snprintf(number, NUMBER_BYTES, "%d", fd);
		execv(program, argv);
	}
	_exit(127);
}

/* Binds to a name that the kernel chooses (autobind). The listening socket, or -1 with errno. */
static int listen_somewhere(char address[static EMBEDDED_ADDRESS_BYTES])
{
	_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	socklen_t len = sizeof(name);

	if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof(name.sun_family)) < 0 ||
	    listen(fd, 1) < 0 || getsockname(fd, (struct sockaddr *)&name, &len) < 0)
		return -1;
	snprintf(address, EMBEDDED_ADDRESS_BYTES, "%.*s",
		 (int)(len - offsetof(struct sockaddr_un, sun_path) - 1), name.sun_path + 1);
	return fd_steal(&fd);
}

static int spawn(struct embedded *embedded, const struct settings *settings, const char *program)
{
	char number[NUMBER_BYTES];
	const char *more[] = {"--embedded", number};
	_free_ char **argv = settings_argv(settings, program, more, ARRAY_LEN(more));
	_close_ int listener = listen_somewhere(embedded->address);
	pid_t parent = getpid();

	if (!argv || listener < 0)
		return -1;
	/*
	 * Only what goes wrong is for the user's terminal; an operator's own choice of level
	 * stays.
	 */
	setenv("SANDGLASS_LOG_LEVEL", "error", 0);
	embedded->pid = fork();
	if (embedded->pid == 0)
		become_server(program, argv, number, listener, parent);
	return embedded->pid < 0 ? -1 : 0;
}

int embedded_start(struct embedded *embedded, const struct settings *settings, struct err *err)
{
	struct config config;
	char program[PROGRAM_BYTES];

	*embedded = (struct embedded){.pid = 0};
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
	if (spawn(embedded, settings, program) < 0)
		return err_set(err, ERR_IO, "Starting %s failed: %s.", program, strerror(errno));
	return 0;
}

int embedded_stop(struct embedded *embedded)
{
	int status = 0;

	if (embedded->pid <= 0)
		return 0;
	if (!embedded->connected)
		kill(embedded->pid, SIGTERM); /* it still waits for us */
	while (waitpid(embedded->pid, &status, 0) < 0 && errno == EINTR)
		;
	embedded->pid = 0;
	return status;
}
